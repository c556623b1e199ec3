package import CheckedJSON

extension JSONValue {
  /// As a file has it; strings must need no escapes.
  package var text: String {
    switch self {
    case .null: "null"
    case .boolean(let flag): "\(flag)"
    case .number(let text): text
    case .string(let text): "\"\(text)\""
    case .array(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { "\"\($0.name)\":" + $0.value.text }.joined(separator: ",") + "}"
    }
  }

  /// The same with another value at the end of a path of keys, in which a list stands for its first
  /// element.
  package func setting(_ path: [String], to value: JSONValue) -> JSONValue {
    if case .array(let elements) = self, let first = elements.first {
      return .array([first.setting(path, to: value)] + elements.dropFirst())
    }
    guard let name = path.first, case .object(var members) = self else { return value }
    let rest = Array(path.dropFirst())
    if let index = members.firstIndex(where: { $0.name == name }), !rest.isEmpty {
      let changed = members[index].value.setting(rest, to: value)
      members[index] = Member(name: name, value: changed)
    } else {
      members.removeAll { $0.name == name }
      members.append(
        Member(
          name: name, value: rest.isEmpty ? value : JSONValue.object([]).setting(rest, to: value)))
    }
    return .object(members)
  }
}
