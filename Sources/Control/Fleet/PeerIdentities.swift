internal import Balancing

/// Which evenkeel answers under each peer's name: one that has two names, or ours, is counted once.
struct PeerIdentities: Hashable, Codable, Sendable {
  /// Who answered last under each name.
  private(set) var byName: [BalancerName: String] = [:]

  mutating func keepOnly(_ balancers: Set<BalancerName>) {
    byName = byName.filter { balancers.contains($0.key) }
  }

  /// Leaves to the first of several names what all of them tell, and to the others nothing.
  mutating func countOnce(
    _ outcomes: [BalancerOutcome], peers: Set<BalancerName>
  ) -> [BalancerOutcome] {
    guard peers.count > 1 else { return outcomes }
    for outcome in outcomes where peers.contains(outcome.balancer) {
      guard case .success(let reading) = outcome.answer, let identity = reading.teller else {
        continue
      }
      byName[outcome.balancer] = identity
    }
    let names = Dictionary(
      byName.filter { peers.contains($0.key) }.map { ($0.value, [$0.key]) }, uniquingKeysWith: +)
    var outcomes = outcomes
    for group in names.values where group.count > 1 {
      let indices = outcomes.indices.filter { group.contains(outcomes[$0].balancer) }
        .sorted { outcomes[$0].balancer < outcomes[$1].balancer }
      // Where one name leads nowhere another does.
      guard let first = indices.first,
        let answered = indices.first(where: { outcomes[$0].failure == nil })
      else { continue }
      let answer = outcomes[answered].answer
      let receivedAt = outcomes[answered].receivedAt
      for index in indices where outcomes[index].failure == nil {
        if case .success(let reading) = outcomes[index].answer {
          outcomes[index].answer = .success(reading.withoutServers)
        }
      }
      (outcomes[first].answer, outcomes[first].receivedAt) = (answer, receivedAt)
    }
    return outcomes
  }
}

extension BalancerReading {
  fileprivate var withoutServers: BalancerReading {
    var reading = self
    for name in backends.keys { reading.backends[name]?.servers = [] }
    return reading
  }
}
