/// What the place where text is shown can do.
package struct TextStyle: Equatable, Sendable {
  /// Columns.
  package var width: Int
  package var hasColours: Bool
  /// Whether blocks and dashes beyond ASCII are shown as such.
  package var hasUnicode: Bool

  package init(width: Int = 80, hasColours: Bool = false, hasUnicode: Bool = true) {
    self.width = width
    self.hasColours = hasColours
    self.hasUnicode = hasUnicode
  }

  package enum Colour: String, Sendable {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
  }

  package func paint(_ text: String, _ colour: Colour) -> String {
    hasColours && !text.isEmpty ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// A bar of `columns` columns, filled to `fraction`; over 1 is full.
  package func bar(_ fraction: Double, columns: Int) -> String {
    let (full, rest, empty) =
      hasUnicode ? ("█", ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"], " ") : ("#", [""], ".")
    let steps = Int(
      exactly: (min(max(fraction.isNaN ? 0 : fraction, 0), 1) * Double(columns * rest.count))
        .rounded())
    let (filled, partial) = (steps ?? 0).quotientAndRemainder(dividingBy: rest.count)
    let drawn = String(repeating: full, count: filled) + rest[partial]
    return drawn + String(repeating: empty, count: columns - drawn.count)
  }
}

extension String {
  /// Filled with spaces on the right, or cut, to exactly `columns` characters.
  package func left(_ columns: Int) -> String {
    String(prefix(columns)) + String(repeating: " ", count: max(0, columns - count))
  }

  /// Filled with spaces on the left to at least `columns` characters.
  package func right(_ columns: Int) -> String {
    String(repeating: " ", count: max(0, columns - count)) + self
  }
}
