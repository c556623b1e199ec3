/// What somebody wrote, fit to be shown in one line: cut to some length, and without characters
/// that would act on a terminal.
package struct QuotedText: CustomStringConvertible {
  private static let longest = 60

  package let description: String

  package init(_ text: String) {
    let shown = text.unicodeScalars.prefix(Self.longest).map { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        "\\u{\(String(scalar.value, radix: 16))}"
      default: String(Character(scalar))
      }
    }
    let isCut = text.unicodeScalars.count > Self.longest
    self.description = "`\(shown.joined())\(isCut ? "…" : "")`"
  }
}
