/// What the demo found.
package struct DemoSummary: Codable, Hashable, Sendable {
  package var version = 1
  /// Under equal weights; `nil` when the demo was stopped before there was anything to measure.
  package var before: Measurement?
  /// With evenkeel steering; `nil` when the demo was stopped before that.
  package var after: Measurement?
  /// In the same span the servers alike, behind `leastconn`, with the same load and equal weights.
  package var leastconn: Measurement?

  /// The figures of one span of time.
  package struct Measurement: Codable, Hashable, Sendable {
    /// Worst utilisation over mean utilisation: 1 is level.
    package var spread: Double
    package var p50Milliseconds: Double
    package var p99Milliseconds: Double
    /// The servers' weights at its end.
    package var weights: [String: Int]
    /// Requests that ended in it, those that failed among them.
    package var requests: Int
    package var failed: Int

    package enum CodingKeys: String, CodingKey {
      case spread
      case p50Milliseconds = "p50_ms"
      case p99Milliseconds = "p99_ms"
      case weights, requests, failed
    }
  }
}

extension DemoSummary {
  /// All keys are always there: what was not measured is null.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(version, forKey: .version)
    try container.encode(before, forKey: .before)
    try container.encode(after, forKey: .after)
    try container.encode(leastconn, forKey: .leastconn)
  }
}

extension DemoSummary.Measurement {
  /// - Returns: `nil` when nothing was done in the span.
  init?(activity: Activity?, latency: LatencySummary?, weights: [String: Int]) {
    guard let spread = activity?.spread, let latency else { return nil }
    self.init(
      spread: (spread * 1000).rounded() / 1000,
      p50Milliseconds: milliseconds(latency.p50), p99Milliseconds: milliseconds(latency.p99),
      weights: weights, requests: latency.requests, failed: latency.failed)
  }
}

/// To a tenth of a millisecond.
private func milliseconds(_ duration: Duration) -> Double {
  (duration / .milliseconds(1) * 10).rounded() / 10
}
