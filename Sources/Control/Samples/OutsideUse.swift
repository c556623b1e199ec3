internal import Balancing

/// What is used on a host by what is in no container: the host's use less its containers'.
///
/// The counters are not read at the same moments, so that a single difference says little: it may be a
/// neighbour's beginning that only one of them has seen. On average such errors are none.
struct OutsideUse: Codable, Sendable {
  private var mean = 0.0
  private var seconds = 0.0
  private var last: Timestamp?

  /// Cores; `nil` until a minute was seen.
  var cores: Double? { seconds >= Self.memorySeconds ? max(0, mean) : nil }

  /// - Parameters:
  ///   - cores: of one window, below 0 where the containers were read later.
  ///   - end: of the window: one that was taken in is not again.
  mutating func add(_ cores: Double, until end: Timestamp, for length: Double) {
    guard length > 0, cores.isFinite, last.map({ $0 < end }) ?? true else { return }
    last = end
    seconds = min(seconds + length, Self.memorySeconds)
    mean += min(length / seconds, 1) * (cores - mean)
  }

  private static let memorySeconds = 60.0
}
