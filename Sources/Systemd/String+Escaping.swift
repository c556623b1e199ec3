extension Unicode.Scalar {
  /// Whether a terminal may obey it, or a reader of lines may end one at it.
  var isControl: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }

  /// Whether it is to be written out: a control, or what turns the direction of reading.
  fileprivate var isEscaped: Bool {
    // Printable ASCII, as nearly all text is, needs no look into tables.
    !(0x20..<0x7F).contains(value) && (isControl || properties.isBidiControl)
  }
}

extension String {
  private func escaping(
    keeping kept: Set<Unicode.Scalar>, as written: (Unicode.Scalar) -> String
  ) -> String {
    // Nearly all text is plain, and stays as it is.
    guard unicodeScalars.contains(where: { $0.isEscaped && !kept.contains($0) }) else {
      return self
    }
    var escaped = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if scalar.isEscaped, !kept.contains(scalar) {
        escaped.append(contentsOf: written(scalar).unicodeScalars)
      } else {
        escaped.append(scalar)
      }
    }
    return String(escaped)
  }

  /// The same text with what could move a terminal's cursor, end a line or turn the direction of
  /// reading written out as Swift would: `\n`, `\u{1B}`.
  ///
  /// - Parameter kept: What stays as it is.
  package func escapingControls(keeping kept: Set<Unicode.Scalar> = []) -> String {
    escaping(keeping: kept) { $0.escaped(asASCII: true) }
  }

  /// The same JSON text with such characters as JSON writes them: they stand in its strings alone.
  package var escapingControlsInJSON: String {
    escaping(keeping: ["\n"]) { scalar in
      let digits = String(scalar.value, radix: 16)
      return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
  }
}
