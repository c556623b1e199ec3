/// A duration as the configuration writes it: a whole number and one unit, such as `10s`.
package struct DurationText: Hashable, Sendable {
  /// How to write one, for an error's hint.
  package static let form = "a whole number and ms, s, m or h, such as \"10s\""

  package let duration: Duration

  package init(_ duration: Duration) { self.duration = duration }

  /// - Returns: `nil` when the text has another form, or is longer than some thousand years.
  package init?(parsing text: String) {
    let number = text.prefix { $0.isASCII && $0.isNumber }
    guard
      let unit = Self.units.first(where: { $0.name == text.dropFirst(number.count) }),
      let count = Int64(number)
    else { return nil }
    let (milliseconds, isTooLong) = count.multipliedReportingOverflow(by: unit.milliseconds)
    guard !isTooLong, milliseconds <= Self.longestMilliseconds else { return nil }
    self.duration = .milliseconds(milliseconds)
  }

  /// The largest first: what a duration is printed in is the first unit that leaves no rest.
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
  ]
  private static let longestMilliseconds: Int64 = 1 << 50
}

extension DurationText: CustomStringConvertible {
  /// Cut to whole milliseconds.
  package var description: String {
    let (seconds, attoseconds) = duration.components
    let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000)
    guard !isTooLong, whole.magnitude <= Self.longestMilliseconds else { return "\(seconds)s" }
    let milliseconds = whole + attoseconds / 1_000_000_000_000_000
    guard milliseconds != 0 else { return "0s" }
    for unit in Self.units where milliseconds.isMultiple(of: unit.milliseconds) {
      return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
    return "\(milliseconds)ms"
  }
}
