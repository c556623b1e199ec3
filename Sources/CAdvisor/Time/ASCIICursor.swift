/// Reads a text of fixed form from its beginning.
struct ASCIICursor {
  private var rest: Substring.UTF8View

  init(_ text: String) { rest = text[...].utf8 }

  var isAtEnd: Bool { rest.isEmpty }

  /// Skips one of these characters, or stays and says `nil`.
  mutating func take(anyOf characters: Unicode.Scalar...) -> Unicode.Scalar? {
    guard let byte = rest.first, let found = characters.first(where: { $0.value == byte }) else {
      return nil
    }
    rest.removeFirst()
    return found
  }

  /// Skips a text, or stays and says `false`.
  mutating func take(_ text: String) -> Bool {
    guard rest.starts(with: text.utf8) else { return false }
    rest.removeFirst(text.utf8.count)
    return true
  }

  /// A number of exactly so many digits; not more than 18, so that it fits.
  mutating func number(digits count: Int) -> Int? {
    let digits = rest.prefix(count)
    guard count <= 18, digits.count == count, digits.allSatisfy(Self.isDigit) else { return nil }
    rest = rest.dropFirst(count)
    return digits.reduce(0) { $0 * 10 + Int($1) - 48 }
  }

  /// How many digits follow.
  var digitsAhead: Int { rest.prefix(while: Self.isDigit).count }

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
