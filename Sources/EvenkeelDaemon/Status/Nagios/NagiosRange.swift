/// A threshold in the form of monitoring plugins: `1.25`, `10:`, `~:1.5`, `1:1.25`, `@1:2`.
///
/// Source: https://www.monitoring-plugins.org/doc/guidelines.html#THRESHOLDFORMAT
package struct NagiosRange: Sendable, Equatable {
  private let lower: Double
  private let upper: Double
  /// Whether what is inside of the range is the alert.
  private let isInverted: Bool
  package let text: String

  /// - Returns: `nil` for what is no range.
  package init?(_ text: String) {
    var rest = text[...]
    isInverted = rest.first == "@"
    if isInverted { rest = rest.dropFirst() }
    let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let (start, end) = parts.count == 2 ? (parts[0], parts[1]) : ("", rest)
    guard !rest.isEmpty,
      let lower = start == "~" ? -Double.infinity : start.isEmpty ? 0 : Self.number(start),
      let upper = parts.count == 2 && end.isEmpty ? Double.infinity : Self.number(end),
      lower <= upper
    else { return nil }
    self.lower = lower
    self.upper = upper
    self.text = text
  }

  /// Whether a value is to be reported.
  package func alerts(_ value: Double) -> Bool {
    (value < lower || value > upper) != isInverted
  }

  private static func number(_ text: Substring) -> Double? {
    guard text.allSatisfy({ $0.isASCII && ($0.isNumber || ".-".contains($0)) }) else { return nil }
    return Double(text)
  }
}
