internal import Control

/// An SVG image in the making.
struct SVGText {
  private(set) var lines: [String] = []

  /// Adds an element.
  ///
  /// - Parameters:
  ///   - attributes: name and value by turns; values are escaped here.
  ///   - text: what is in it, escaped here.
  mutating func add(_ name: String, _ attributes: KeyValuePairs<String, String>, text: String = "")
  {
    let opening = Self.opening(name, attributes)
    lines.append(text.isEmpty ? "<\(opening)/>" : "<\(opening)>\(Self.escaped(text))</\(name)>")
  }

  /// Adds an element with others in it.
  mutating func add(
    _ name: String, _ attributes: KeyValuePairs<String, String>,
    containing content: (inout SVGText) -> Void
  ) {
    lines.append("<\(Self.opening(name, attributes))>")
    content(&self)
    lines.append("</\(name)>")
  }

  /// Adds what is SVG already.
  mutating func add(raw text: String) { lines.append(text) }

  private static func opening(
    _ name: String, _ attributes: KeyValuePairs<String, String>
  ) -> String {
    name + attributes.map { " \($0)=\"\(escaped($1))\"" }.joined()
  }

  /// With nothing in it that XML takes for its own, or does not allow.
  static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\t", "\n", "\r": result += " "
      case "\u{0}"..."\u{1F}", "\u{FFFE}"..."\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }

  /// A coordinate, to a tenth of a pixel.
  static func number(_ value: Double) -> String {
    let text = decimal(value, 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
