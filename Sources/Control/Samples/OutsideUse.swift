internal import Balancing

/// What is used on a host by what is in no container: the host's use less its containers'.
///
/// The counters are not read at the same moments, so that a single difference says little: it may be a
/// neighbour's beginning that only one of them has seen. On average such errors are none.
///
/// It begins as nothing: what is ours by right is then reckoned as more than it may be, and a plan stays
/// nearer to the configured weights.
struct OutsideUse: Codable, Sendable {
  private var mean = 0.0
  private var last: Timestamp?

  /// Cores; `nil` before anything was seen.
  var cores: Double? { last.map { _ in max(0, mean) } }

  /// - Parameters:
  ///   - cores: of one window, below 0 where the containers were read later.
  ///   - end: of the window: one that was taken in is not again.
  mutating func add(_ cores: Double, until end: Timestamp, for length: Double) {
    guard length > 0, cores.isFinite, last.map({ $0 < end }) ?? true else { return }
    last = end
    mean += min(length / Self.memorySeconds, 1) * (cores - mean)
  }

  private static let memorySeconds = 60.0
}
