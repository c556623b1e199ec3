import Control

extension ServerTemplate {
  struct Invalid: Error, Equatable {
    let message: String
    let hint: String
  }

  private static let places =
    "allowed: {0} to {9}, {alias}, {host}, {label:KEY}; a brace itself is written {{ or }}"

  /// Reads a server's name with places in braces.
  ///
  /// - Parameter groupCount: how many groups the backend's pattern has; `nil` when it could not be
  ///   read.
  init(parsing text: String, groupCount: Int?) throws(Invalid) {
    var parts: [Part] = []
    var literal = ""
    var rest = text[...]
    while let character = rest.popFirst() {
      switch character {
      case "{" where rest.first != "{":
        guard let end = rest.firstIndex(of: "}") else {
          throw Invalid(message: "has a `{` without its `}`", hint: Self.places)
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        literal = ""
        parts.append(try Self.place(rest[..<end], groupCount: groupCount))
        rest = rest[rest.index(after: end)...]
      case "}" where rest.first != "}":
        throw Invalid(message: "has a `}` without its `{`", hint: Self.places)
      case "{", "}":
        rest.removeFirst()
        literal.append(character)
      default:
        literal.append(character)
      }
    }
    if !literal.isEmpty { parts.append(.literal(literal)) }
    self.init(parts: parts)
  }

  private static func place(_ text: Substring, groupCount: Int?) throws(Invalid) -> Part {
    if text == "alias" { return .alias }
    if text == "host" { return .host }
    if text.hasPrefix("label:"), text.utf8.count > "label:".utf8.count {
      return .label(String(text.dropFirst("label:".count)))
    }
    guard text.utf8.count == 1, let number = Int(text) else {
      throw Invalid(message: "{\(text.prefix(60))} stands for nothing", hint: places)
    }
    if let groupCount, number > groupCount {
      throw Invalid(
        message: "{\(number)} is a group that `pattern` does not have",
        hint: groupCount == 0
          ? "put parentheses into `pattern`, or use {0} for all that it matched"
          : "allowed: {0} to {\(groupCount)}")
    }
    return .group(number)
  }
}
