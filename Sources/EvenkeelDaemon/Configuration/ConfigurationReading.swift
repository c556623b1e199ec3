/// One pass over a configuration: collects every problem instead of stopping at the first.
///
/// What a method cannot read it reports, and answers `nil`.
struct ConfigurationReading {
  let files: ReferencedFiles
  private(set) var problems: [Problem] = []

  init(files: ReferencedFiles) { self.files = files }

  mutating func report(_ path: String, _ message: String, hint: String? = nil) {
    problems.append(Problem(path: path, message: message, hint: hint))
  }

  mutating func reportMissing<Key>(_ key: Key, of object: ConfigurationObject<Key>) {
    report(object.path(of: key), "is missing")
  }

  /// Reads an object, and reports keys that it does not have and keys that are given twice.
  ///
  /// - Parameter reportUnknown: says what is wrong with a key that is not one of `Key`.
  mutating func object<Key>(
    _ node: ConfigurationNode, of _: Key.Type = Key.self,
    reportUnknown: (inout Self, _ path: String, _ key: String) -> Void = { reading, path, key in
      reading.reportUnknown(key, at: path, among: Key.allCases.map(\.rawValue))
    }
  ) -> ConfigurationObject<Key>? {
    guard case .object(let members) = node.value else {
      return wrongKind(node, expected: "an object")
    }
    var values: [String: JSONValue] = [:]
    for member in members {
      let path = ConfigurationObject<Key>.join(node.path, member.name)
      if values.updateValue(member.value, forKey: member.name) != nil {
        report(path, "is given twice")
      } else if Key(rawValue: member.name) == nil {
        reportUnknown(&self, path, member.name)
      }
    }
    return ConfigurationObject(path: node.path, members: values)
  }

  mutating func reportUnknown(_ key: String, at path: String, among known: [String]) {
    let nearest = NearestText.nearest(to: key, among: known)
    let hint =
      nearest.map { "did you mean `\($0)`?" } ?? "allowed: \(known.joined(separator: ", "))"
    report(path, "is no key that evenkeel knows", hint: hint)
  }

  /// Reads a list that has at least one element.
  mutating func list(_ node: ConfigurationNode) -> [ConfigurationNode]? {
    guard case .array(let elements) = node.value else {
      return wrongKind(node, expected: "a list")
    }
    if elements.isEmpty { report(node.path, "must not be empty") }
    return elements.enumerated().map { index, element in
      ConfigurationNode(path: "\(node.path)[\(index)]", value: element)
    }
  }

  /// Reads a string of at least one character, without control characters.
  mutating func text(_ node: ConfigurationNode, hint: String? = nil) -> String? {
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
  mutating func name(_ node: ConfigurationNode) -> String? {
    guard let text = text(node) else { return nil }
    guard text.unicodeScalars.allSatisfy(HAProxyNames.allow) else {
      report(
        node.path, "\(QuotedText(text)) is no name", hint: "allowed: \(HAProxyNames.characters)")
      return nil
    }
    return text
  }

  mutating func boolean(_ node: ConfigurationNode) -> Bool? {
    guard case .boolean(let value) = node.value else {
      return wrongKind(node, expected: "true or false")
    }
    return value
  }

  mutating func integer(_ node: ConfigurationNode, in range: ClosedRange<Int>) -> Int? {
    let allowed = "allowed: \(range.lowerBound)…\(range.upperBound)"
    guard case .number(let text) = node.value else {
      return wrongKind(node, expected: "a number", hint: allowed)
    }
    guard let number = Double(text).flatMap(Int.init(exactly:)), range.contains(number) else {
      report(
        node.path, "must be a whole number within bounds, not \(text.prefix(20))", hint: allowed)
      return nil
    }
    return number
  }

  mutating func duration(_ node: ConfigurationNode, in range: ClosedRange<Duration>) -> Duration? {
    let bounds = "\(DurationText(range.lowerBound))…\(DurationText(range.upperBound))"
    let allowed = "allowed: \(bounds), written as \(DurationText.form)"
    guard let text = text(node, hint: allowed) else { return nil }
    guard let duration = DurationText(parsing: text)?.duration else {
      report(node.path, "\(QuotedText(text)) is no duration", hint: allowed)
      return nil
    }
    guard range.contains(duration) else {
      let fault = duration < range.lowerBound ? "short" : "long"
      report(node.path, "\(QuotedText(text)) is too \(fault)", hint: allowed)
      return nil
    }
    return duration
  }

  /// Reads one of the choices that a type lists.
  mutating func choice<Choice>(_ node: ConfigurationNode, of _: Choice.Type = Choice.self)
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

  /// Reports each element that has a value in common with an earlier one, and leaves it out.
  mutating func distinct<Element, Value: Hashable>(
    _ elements: [Element], by value: (Element) -> Value, at path: (Element) -> String,
    hint: String, message: (_ element: Element, _ firstPath: String) -> String
  ) -> [Element] {
    var first: [Value: String] = [:]
    return elements.filter { element in
      if let firstPath = first[value(element)] {
        report(path(element), message(element, firstPath), hint: hint)
        return false
      }
      first[value(element)] = path(element)
      return true
    }
  }

  private mutating func wrongKind<Result>(
    _ node: ConfigurationNode, expected: String, hint: String? = nil
  ) -> Result? {
    report(node.path, "must be \(expected), not \(node.value.kind)", hint: hint)
    return nil
  }
}
