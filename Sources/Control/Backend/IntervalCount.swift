internal import Balancing

/// Counts intervals as they go by, however many ticks there are in one, and however long one is.
struct IntervalCount: Codable, Sendable {
  private var passed = 0.0
  private var last: Timestamp?

  /// - Returns: the intervals since the first look, to the nearest.
  mutating func count(at now: Timestamp, intervalSeconds: Double) -> Int {
    let elapsed = last.map { max(0, now.seconds(since: $0)) } ?? 0
    last = now
    if intervalSeconds > 0 { passed += elapsed / intervalSeconds }
    return Int(exactly: passed.rounded()) ?? .max
  }
}
