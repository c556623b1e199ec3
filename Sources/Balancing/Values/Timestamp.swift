/// A moment, in nanoseconds since the Unix epoch, on the clock of whoever took it.
///
/// Timestamps come from other machines, so no arithmetic on them traps: it saturates.
package struct Timestamp: Hashable, Sendable {
  package let nanoseconds: Int64

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Seconds from `earlier` to this moment; negative when `earlier` is the later one.
  package func seconds(since earlier: Timestamp) -> Double {
    let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
    guard !overflow else { return (Double(nanoseconds) - Double(earlier.nanoseconds)) / 1e9 }
    return Double(difference) / 1e9
  }

  /// The moment `seconds` later (earlier when negative); a number that is not finite moves nothing.
  package func advanced(bySeconds seconds: Double) -> Timestamp {
    guard seconds.isFinite else { return self }
    let step = Int64(exactly: (seconds * 1e9).rounded()) ?? (seconds > 0 ? .max : .min)
    let (sum, overflow) = nanoseconds.addingReportingOverflow(step)
    return Timestamp(nanoseconds: overflow ? (step > 0 ? .max : .min) : sum)
  }
}

extension Timestamp: Comparable {
  package static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
}

/// One number: there are many of them in a state file.
extension Timestamp: Codable {
  package init(from decoder: any Decoder) throws {
    nanoseconds = try decoder.singleValueContainer().decode(Int64.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(nanoseconds)
  }
}
