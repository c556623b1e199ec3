/// How the requests of the last minute and a half ended, and how long they took.
struct LatencyWindow: Sendable {
  /// Older outcomes are forgotten.
  static let retention = Duration.seconds(90)

  /// One request that ended. One that failed counts with the time it took to fail.
  private struct Outcome {
    var endedAt: Duration
    var latency: Duration
    var failed: Bool
  }

  /// Outcomes in the order in which they ended; those before `first` are forgotten.
  private var outcomes: [Outcome] = []
  private var first = 0

  mutating func record(latency: Duration, failed: Bool, endedAt: Duration) {
    outcomes.append(Outcome(endedAt: endedAt, latency: latency, failed: failed))
    while first < outcomes.count, outcomes[first].endedAt < endedAt - Self.retention { first += 1 }
    if first > outcomes.count / 2 {
      outcomes.removeFirst(first)
      first = 0
    }
  }

  /// What happened in a span of time; `nil` when no request ended in it.
  func summary(of span: Range<Duration>) -> LatencySummary? {
    let ended = outcomes[first...].filter { span.contains($0.endedAt) }
    let latencies = ended.map(\.latency).sorted()
    guard let p50 = percentile(50, of: latencies), let p99 = percentile(99, of: latencies) else {
      return nil
    }
    return LatencySummary(
      requests: ended.count, failed: ended.count { $0.failed }, p50: p50, p99: p99)
  }
}

/// The requests of a span of time.
struct LatencySummary: Equatable, Sendable {
  var requests: Int
  var failed: Int
  var p50: Duration
  var p99: Duration
}

/// The smallest of the values that at least `percent` of them do not exceed (nearest rank).
///
/// - Returns: `nil` when there are no values.
func percentile(_ percent: Int, of sorted: [Duration]) -> Duration? {
  guard !sorted.isEmpty else { return nil }
  let rank = (sorted.count * percent + 99) / 100
  return sorted[min(max(rank, 1), sorted.count) - 1]
}
