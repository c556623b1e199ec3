/// What a strategy made of a part of the family.
package struct FamilySummary: Hashable, Sendable, Encodable {
  /// Of ratios: the middle one, the one that 95 in 100 are not above, the worst.
  package struct Quantiles: Hashable, Sendable {
    package var median: Double
    package var p95: Double
    package var worst: Double

    init?(_ ratios: [Double]) {
      let sorted = ratios.sorted()
      guard let worst = sorted.last else { return nil }
      func rank(_ percent: Int) -> Double {
        sorted[min(max((sorted.count * percent + 99) / 100 - 1, 0), sorted.count - 1)]
      }
      self.worst = worst
      median = rank(50)
      p95 = rank(95)
    }
  }

  /// Which scenarios, in words.
  package var title: String
  package var scenarios: Int
  /// `nil` of no scenarios, as are the others.
  package var p99ToBare: Quantiles?
  package var secondHalfP99ToBare: Quantiles?
  package var failedToBare: Quantiles?
  package var p99ToOracle: Quantiles?
  /// What there was to gain.
  package var bareP99ToOracle: Quantiles?

  private enum CodingKeys: String, CodingKey {
    case title, scenarios
    case p99ToBare = "p99_to_bare"
    case secondHalfP99ToBare = "second_half_p99_to_bare"
    case failedToBare = "failed_to_bare"
    case p99ToOracle = "p99_to_oracle"
    case bareP99ToOracle = "bare_p99_to_oracle"
  }

  init(_ title: String, _ results: [FamilyResult]) {
    self.title = title
    scenarios = results.count
    p99ToBare = Quantiles(results.compactMap(\.p99ToBare))
    secondHalfP99ToBare = Quantiles(results.compactMap(\.secondHalfP99ToBare))
    failedToBare = Quantiles(results.map(\.failedToBare))
    p99ToOracle = Quantiles(results.compactMap(\.p99ToOracle))
    bareP99ToOracle = Quantiles(results.compactMap(\.bareP99ToOracle))
  }

  /// Of all, of each algorithm, and by how long neighbours stay; of those that there are.
  package static func all(of results: [FamilyResult]) -> [FamilySummary] {
    let (short, long) = (FamilyTraits.shortSeconds, FamilyTraits.longSeconds)
    let parts: [(title: String, has: (FamilyTraits) -> Bool)] =
      [("all", { _ in true })]
      + BalancerModel.Algorithm.allCases.map { algorithm in
        (algorithm.rawValue, { $0.algorithm == algorithm })
      } + [
        ("on under \(Int(short)) s", { $0.onSeconds < short }),
        ("on \(Int(short)) to \(Int(long)) s", { (short..<long).contains($0.onSeconds) }),
        ("on \(Int(long)) s and more", { $0.onSeconds >= long }),
      ]
    return parts.map { part in
      FamilySummary(part.title, results.filter { part.has($0.member.traits) })
    }.filter { $0.scenarios > 0 }
  }
}
