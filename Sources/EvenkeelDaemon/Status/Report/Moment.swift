package import Balancing
internal import FoundationEssentials

/// A moment on the wall clock, written as RFC 3339 has it: UTC, to the millisecond.
package struct Moment: Hashable, Sendable {
  package let timestamp: Timestamp

  package init(_ timestamp: Timestamp) { self.timestamp = timestamp }

  /// Seconds from `earlier` to this moment.
  package func seconds(since earlier: Moment) -> Double {
    timestamp.seconds(since: earlier.timestamp)
  }

  private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

  package var text: String {
    Date(timeIntervalSince1970: timestamp.secondsSinceEpoch).formatted(Self.style)
  }
}

extension Moment: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let date = try Date(container.decode(String.self), strategy: Self.style)
    let seconds = date.timeIntervalSince1970
    timestamp = Timestamp(nanoseconds: 0).advanced(bySeconds: seconds)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

extension Timestamp {
  package var secondsSinceEpoch: Double { seconds(since: Timestamp(nanoseconds: 0)) }
}
