package import Balancing

/// By how much a machine's clock is ahead of ours, from the dates of its answers.
///
/// It tells a wrong clock from a late sample. A `Date` header has whole seconds, rounded down,
/// hence the half second and the band in which no offset is assumed.
package struct ClockOffset: Codable, Hashable, Sendable {
  private static let remembered = 9

  private var seconds: [Double] = []

  package init() {}

  package mutating func observe(answeredAt: Timestamp, receivedAt: Timestamp) {
    seconds.append(Self.seconds(answeredAt: answeredAt, receivedAt: receivedAt))
    if seconds.count > Self.remembered { seconds.removeFirst(seconds.count - Self.remembered) }
  }

  /// What one answer tells.
  static func seconds(answeredAt: Timestamp, receivedAt: Timestamp) -> Double {
    answeredAt.seconds(since: receivedAt) + 0.5
  }

  /// The median of the last answers; `nil` before the first.
  var median: Double? { seconds.isEmpty ? nil : seconds.sorted()[seconds.count / 2] }

  /// The median of the last answers; 0 while it is under a second.
  package var value: Double {
    guard let median, abs(median) >= 1 else { return 0 }
    return median
  }
}
