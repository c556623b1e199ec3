extension CheckedReading {
  /// Reads a string of at least one character, without control characters.
  package mutating func text(_ node: JSONNode, hint: String? = nil) -> String? {
    guard case .string(let text) = node.value else {
      return wrongKind(node, expected: "a string", hint: hint)
    }
    guard !text.isEmpty else {
      report(node.path, "must not be empty", hint: hint)
      return nil
    }
    guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
      report(node.path, "contains a control character", hint: hint)
      return nil
    }
    return text
  }

  /// Reads a name made of the characters that HAProxy allows in its own names.
  package mutating func name(_ node: JSONNode) -> String? {
    guard let text = text(node) else { return nil }
    guard text.unicodeScalars.allSatisfy(HAProxyNames.allow) else {
      report(
        node.path, "\(QuotedText(text)) is no name", hint: "allowed: \(HAProxyNames.characters)")
      return nil
    }
    return text
  }

  /// Reads the name of something else in the file.
  package mutating func reference(_ node: JSONNode, to known: KnownNames) -> String? {
    guard let name = name(node) else { return nil }
    guard known.names.contains(name) || known.isIncomplete else {
      report(
        node.path, "\(QuotedText(name)) is no \(known.kind)",
        hint: known.names.isEmpty
          ? nil : NearestText.hint(insteadOf: name, among: known.names.sorted()))
      return nil
    }
    return name
  }

  package mutating func boolean(_ node: JSONNode) -> Bool? {
    guard case .boolean(let value) = node.value else {
      return wrongKind(node, expected: "true or false")
    }
    return value
  }

  package mutating func integer(_ node: JSONNode, in range: ClosedRange<Int>) -> Int? {
    number(node, expected: "a whole number", allowed: "\(range.lowerBound)…\(range.upperBound)") {
      Int(exactly: $0).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// Reads a number that is within bounds, and so is finite.
  package mutating func number(_ node: JSONNode, in range: ClosedRange<Double>) -> Double? {
    let bounds = "\(PlainNumber(range.lowerBound))…\(PlainNumber(range.upperBound))"
    // Adding 0 makes 0 of -0.
    return number(node, expected: "a number", allowed: bounds) {
      range.contains($0) ? $0 + 0 : nil
    }
  }

  private mutating func number<Number>(
    _ node: JSONNode, expected: String, allowed bounds: String, convert: (Double) -> Number?
  ) -> Number? {
    let allowed = "allowed: \(bounds)"
    guard case .number(let text) = node.value else {
      return wrongKind(node, expected: "a number", hint: allowed)
    }
    guard let number = Double(text).flatMap(convert) else {
      report(
        node.path, "must be \(expected) within bounds, not \(text.prefix(20))", hint: allowed)
      return nil
    }
    return number
  }

  /// Reads one of the choices that a type lists.
  package mutating func choice<Choice>(_ node: JSONNode, of _: Choice.Type = Choice.self)
    -> Choice?
  where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
    let choices = Choice.allCases.map(\.rawValue)
    let allowed = "allowed: \(choices.joined(separator: ", "))"
    guard let text = text(node, hint: allowed) else { return nil }
    guard let choice = Choice(rawValue: text) else {
      report(node.path, "must not be \(QuotedText(text))", hint: allowed)
      return nil
    }
    return choice
  }
}
