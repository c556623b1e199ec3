/// What `evenkeel simulate --family --json` prints.
package struct FamilyReport: Encodable, Sendable {
  private let version = 1
  private let summaries: [FamilySummary]
  private let scenarios: [FamilyResult]

  package init(_ results: [FamilyResult]) {
    summaries = FamilySummary.all(of: results)
    scenarios = results
  }
}

extension FamilyResult: Encodable {
  private enum CodingKeys: String, CodingKey {
    case name, description, bare, steered, oracle
    case p99ToBare = "p99_to_bare"
    case secondHalfP99ToBare = "second_half_p99_to_bare"
    case failedToBare = "failed_to_bare"
    case p99ToOracle = "p99_to_oracle"
  }

  private enum RunKeys: String, CodingKey {
    case secondHalf = "second_half"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(member.scenario.name, forKey: .name)
    try container.encode(member.traits.summary, forKey: .description)
    for (run, key) in [(bare, CodingKeys.bare), (steered, .steered), (oracle, .oracle)] {
      let place = container.superEncoder(forKey: key)
      try run.requests.encode(to: place)
      var keys = place.container(keyedBy: RunKeys.self)
      try keys.encode(run.secondHalf, forKey: .secondHalf)
    }
    try container.encode(p99ToBare?.rounded(places: 4), forKey: .p99ToBare)
    try container.encode(secondHalfP99ToBare?.rounded(places: 4), forKey: .secondHalfP99ToBare)
    try container.encode(failedToBare.rounded(places: 4), forKey: .failedToBare)
    try container.encode(p99ToOracle?.rounded(places: 4), forKey: .p99ToOracle)
  }
}

extension FamilySummary.Quantiles: Encodable {
  private enum CodingKeys: String, CodingKey {
    case median, p95, worst
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(median.rounded(places: 4), forKey: .median)
    try container.encode(p95.rounded(places: 4), forKey: .p95)
    try container.encode(worst.rounded(places: 4), forKey: .worst)
  }
}
