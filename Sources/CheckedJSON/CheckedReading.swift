/// One pass over a file: collects every problem instead of stopping at the first.
///
/// What a method cannot read it reports, and answers `nil`.
package protocol CheckedReading {
  /// In the order in which they were found.
  var problems: [Problem] { get set }
}

extension CheckedReading {
  /// Reads the whole of a file, or names everything that is wrong with it.
  ///
  /// - Parameters:
  ///   - file: the file as it is named in errors.
  ///   - value: reads the file's value; what it answers counts only if it reported nothing.
  package mutating func read<Value>(
    _ bytes: [UInt8], of file: String, as value: (inout Self, JSONNode) -> Value?
  ) throws(InvalidFile) -> Value {
    let json: JSONValue
    do throws(JSONSyntaxError) {
      json = try JSONReader.read(bytes)
    } catch {
      throw InvalidFile(file: file, problems: [Problem(error)])
    }
    let read = value(&self, JSONNode(path: "", value: json))
    guard let read, problems.isEmpty else { throw InvalidFile(file: file, problems: problems) }
    return read
  }

  package mutating func report(_ path: String, _ message: String, hint: String? = nil) {
    problems.append(Problem(path: path, message: message, hint: hint))
  }

  /// The value of a key that must be there.
  package mutating func required<Key>(_ key: Key, of object: JSONObject<Key>) -> JSONNode? {
    guard let node = object[key] else {
      report(object.path(of: key), "is missing")
      return nil
    }
    return node
  }

  /// Reads an object, and reports keys that it does not have and keys that are given twice.
  ///
  /// - Parameter reportUnknown: says what is wrong with a key that is not one of `Key`.
  package mutating func object<Key>(
    _ node: JSONNode, of _: Key.Type = Key.self,
    reportUnknown: (inout Self, _ path: String, _ key: String) -> Void = { reading, path, key in
      reading.reportUnknown(key, at: path, among: Key.allCases.map(\.rawValue))
    }
  ) -> JSONObject<Key>? {
    guard case .object(let members) = node.value else {
      return wrongKind(node, expected: "an object")
    }
    var values: [String: JSONValue] = [:]
    for member in members {
      let path = JSONObject<Key>.join(node.path, member.name)
      if values.updateValue(member.value, forKey: member.name) != nil {
        report(path, "is given twice")
      } else if Key(rawValue: member.name) == nil {
        reportUnknown(&self, path, member.name)
      }
    }
    return JSONObject(path: node.path, members: values)
  }

  package mutating func reportUnknown(_ key: String, at path: String, among known: [String]) {
    report(
      path, "is no key that evenkeel knows", hint: NearestText.hint(insteadOf: key, among: known))
  }

  /// Reads a list of so many elements.
  package mutating func list(
    _ node: JSONNode, count allowed: ClosedRange<Int> = 1...Int.max
  ) -> [JSONNode]? {
    guard case .array(let elements) = node.value else {
      return wrongKind(node, expected: "a list")
    }
    guard elements.count <= allowed.upperBound else {
      report(
        node.path, "has \(elements.count) elements", hint: "allowed: up to \(allowed.upperBound)")
      return nil
    }
    if elements.count < allowed.lowerBound { report(node.path, "must not be empty") }
    return elements.enumerated().map { index, element in
      JSONNode(path: "\(node.path)[\(index)]", value: element)
    }
  }

  /// Reports each element that has a value in common with an earlier one, and leaves it out.
  package mutating func distinct<Element, Value: Hashable>(
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

  mutating func wrongKind<Result>(
    _ node: JSONNode, expected: String, hint: String? = nil
  ) -> Result? {
    report(node.path, "must be \(expected), not \(node.value.kind)", hint: hint)
    return nil
  }
}

extension Problem {
  fileprivate init(_ error: JSONSyntaxError) {
    self.init(
      path: "", message: "line \(error.line), column \(error.column): \(error.message)",
      hint: error.hint)
  }
}
