/// What a strategy made of one scenario of the family, beside the balancer alone and the oracle.
package struct FamilyResult: Hashable, Sendable {
  package let member: FamilyMember
  /// The algorithm with the weights of its configuration.
  package let bare: RunMeasures
  package let steered: RunMeasures
  package let oracle: RunMeasures

  /// Each with the same algorithm, arrivals and costs.
  package static let strategies: [SimulatedStrategy] = [.equal, .capacity, .oracle]

  package init(
    _ member: FamilyMember, bare: RunMeasures, steered: RunMeasures, oracle: RunMeasures
  ) {
    self.member = member
    self.bare = bare
    self.steered = steered
    self.oracle = oracle
  }

  /// The figure of the whole run, its start included, over that of the balancer alone.
  package var p99ToBare: Double? {
    ratio(steered.requests.p99Milliseconds, to: bare.requests.p99Milliseconds)
  }

  package var secondHalfP99ToBare: Double? {
    ratio(steered.secondHalf.p99Milliseconds, to: bare.secondHalf.p99Milliseconds)
  }

  package var p99ToOracle: Double? {
    ratio(steered.requests.p99Milliseconds, to: oracle.requests.p99Milliseconds)
  }

  package var bareP99ToOracle: Double? {
    ratio(bare.requests.p99Milliseconds, to: oracle.requests.p99Milliseconds)
  }

  /// Failures over those of the balancer alone, where one in a thousand requests more on both sides
  /// keeps a handful from counting as many times none.
  package var failedToBare: Double {
    let unnoticed = Double(max(1, bare.requests.requests)) / 1000
    return (Double(steered.requests.failed) + unnoticed)
      / (Double(bare.requests.failed) + unnoticed)
  }

  private func ratio(_ figure: Double?, to other: Double?) -> Double? {
    guard let figure, let other, other > 0 else { return nil }
    return figure / other
  }
}

extension FamilyResult {
  /// The results of a batch of `strategies` over the scenarios of the members.
  package static func all(
    of members: [FamilyMember], _ outcomes: [SimulationBatch.Outcome]
  ) -> [FamilyResult] {
    let runs = Dictionary(grouping: outcomes, by: \.job.scenario)
    return members.enumerated().compactMap { index, member in
      func run(_ strategy: SimulatedStrategy) -> RunMeasures? {
        runs[index]?.first { $0.job.strategy == strategy }?.measures
      }
      guard let bare = run(.equal), let steered = run(.capacity), let oracle = run(.oracle) else {
        return nil
      }
      return FamilyResult(member, bare: bare, steered: steered, oracle: oracle)
    }
  }
}
