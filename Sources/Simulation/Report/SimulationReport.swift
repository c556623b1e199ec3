/// What `evenkeel simulate --json` prints.
package struct SimulationReport: Encodable, Sendable {
  package var version = 1
  package var runs: [RunMeasures]

  package init(runs: [RunMeasures]) { self.runs = runs }
}

extension RunMeasures: Encodable {
  // Written out, since an encoder's own snake case makes `settle110_s` of any name with a number.
  private enum CodingKeys: String, CodingKey {
    case scenario, strategy, seed, phases
    case secondHalf = "second_half"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(scenario, forKey: .scenario)
    try container.encode(strategy.rawValue, forKey: .strategy)
    try container.encode(seed, forKey: .seed)
    try container.encode(phases, forKey: .phases)
    try container.encode(secondHalf, forKey: .secondHalf)
    try requests.encode(to: encoder)
  }
}

extension PhaseMeasures: Encodable {
  private enum CodingKeys: String, CodingKey {
    case fromSeconds = "from_s"
    case settle110Seconds = "settle_110_s"
    case settle125Seconds = "settle_125_s"
    case spreadMean = "spread_mean"
    case spreadWorst = "spread_worst"
    case writesPerServerHour = "writes_per_server_hour"
  }

  // `encode` rather than `encodeIfPresent`: what never happened is null, not absent.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(fromSeconds, forKey: .fromSeconds)
    try container.encode(settle110Seconds, forKey: .settle110Seconds)
    try container.encode(settle125Seconds, forKey: .settle125Seconds)
    try container.encode(spreadMean?.rounded(places: 4), forKey: .spreadMean)
    try container.encode(spreadWorst?.rounded(places: 4), forKey: .spreadWorst)
    try container.encode(writesPerServerHour.rounded(places: 2), forKey: .writesPerServerHour)
    try requests.encode(to: encoder)
  }
}

extension RequestFigures: Encodable {
  private enum CodingKeys: String, CodingKey {
    case p50Milliseconds = "p50_ms"
    case p99Milliseconds = "p99_ms"
    case requests, failed
  }

  /// Adds its keys to what the encoder has already.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(p50Milliseconds?.rounded(places: 3), forKey: .p50Milliseconds)
    try container.encode(p99Milliseconds?.rounded(places: 3), forKey: .p99Milliseconds)
    try container.encode(requests, forKey: .requests)
    try container.encode(failed, forKey: .failed)
  }
}

extension Double {
  /// Without the digits that tell nothing.
  func rounded(places: Int) -> Double {
    let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
    return (self * scale).rounded() / scale
  }
}
