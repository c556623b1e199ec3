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
  /// The same text with what could move a terminal's cursor, end a line or turn the direction of
  /// reading written out as Swift would: `\n`, `\u{1B}`.
  ///
  /// - Parameter kept: What stays as it is.
  package func escapingControls(keeping kept: Set<Unicode.Scalar> = []) -> String {
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
}
