import CheckedJSON

/// One pass over a configuration.
struct ConfigurationReading: CheckedReading {
  let files: ReferencedFiles
  var problems: [Problem] = []

  init(files: ReferencedFiles) { self.files = files }

  mutating func duration(_ node: JSONNode, in range: ClosedRange<Duration>) -> Duration? {
    quantity(
      node, in: range, kind: "duration", form: DurationText.form, beyond: ("short", "long"),
      shown: { "\(DurationText($0))" }, parse: { DurationText(parsing: $0)?.duration })
  }

  /// Bytes.
  mutating func size(_ node: JSONNode, in range: ClosedRange<Int>) -> Int? {
    quantity(
      node, in: range, kind: "size", form: SizeText.form, beyond: ("small", "large"),
      shown: { "\(SizeText(bytes: $0))" }, parse: { SizeText(parsing: $0)?.bytes })
  }

  /// A number with a unit, which is written as a text.
  ///
  /// - Parameter beyond: what one is called that is too little, and one that is too much.
  private mutating func quantity<Value: Comparable>(
    _ node: JSONNode, in range: ClosedRange<Value>, kind: String, form: String,
    beyond: (String, String), shown: (Value) -> String, parse: (String) -> Value?
  ) -> Value? {
    let bounds = "\(shown(range.lowerBound))…\(shown(range.upperBound))"
    let allowed = "allowed: \(bounds), written as \(form)"
    guard let text = text(node, hint: allowed) else { return nil }
    guard let value = parse(text) else {
      report(node.path, "\(QuotedText(text)) is no \(kind)", hint: allowed)
      return nil
    }
    guard range.contains(value) else {
      let fault = value < range.lowerBound ? beyond.0 : beyond.1
      report(node.path, "\(QuotedText(text)) is too \(fault)", hint: allowed)
      return nil
    }
    return value
  }
}
