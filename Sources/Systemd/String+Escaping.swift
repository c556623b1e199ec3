extension Unicode.Scalar {
  /// Whether a terminal may obey it, or a reader of lines may end one at it.
  var isControl: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}

extension String {
  /// Printable ASCII and nothing else, as nearly all text is: there is nothing to look for in it.
  private var isPlain: Bool { utf8.allSatisfy { (0x20..<0x7F).contains($0) } }

  /// The same text with what could move a terminal's cursor, end a line or turn the direction of
  /// reading written out as Swift would: `\n`, `\u{1B}`.
  ///
  /// - Parameter kept: What stays as it is.
  package func escapingControls(keeping kept: Set<Unicode.Scalar> = []) -> String {
    guard !isPlain else { return self }
    var escaped = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if !kept.contains(scalar), scalar.isControl || scalar.properties.isBidiControl {
        escaped.append(contentsOf: scalar.escaped(asASCII: true).unicodeScalars)
      } else {
        escaped.append(scalar)
      }
    }
    return String(escaped)
  }

  /// The same JSON text with such characters as JSON writes them: they stand in its strings alone.
  package var escapingControlsInJSON: String {
    guard !isPlain else { return self }
    var escaped = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if scalar != "\n", scalar.isControl || scalar.properties.isBidiControl {
        let digits = String(scalar.value, radix: 16)
        let zeros = String(repeating: "0", count: max(0, 4 - digits.count))
        escaped.append(contentsOf: "\\u\(zeros)\(digits)".unicodeScalars)
      } else {
        escaped.append(scalar)
      }
    }
    return String(escaped)
  }
}
