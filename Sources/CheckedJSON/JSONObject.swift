/// An object of a file, whose keys are those of `Key` and no others.
package struct JSONObject<Key: RawRepresentable & CaseIterable> where Key.RawValue == String {
  package let path: String
  private let members: [String: JSONValue]

  init(path: String, members: [String: JSONValue]) {
    self.path = path
    self.members = members
  }

  package subscript(key: Key) -> JSONNode? {
    members[key.rawValue].map { JSONNode(path: self.path(of: key), value: $0) }
  }

  package func path(of key: Key) -> String { Self.join(path, key.rawValue) }

  /// The path of a key that somebody else chose, and so may be anything.
  static func join(_ path: String, _ key: String) -> String {
    let isPlain =
      !key.isEmpty && key.utf8.count <= 64
      && key.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-".contains($0)) }
    let step = isPlain ? key : "[\(QuotedText(key))]"
    return path.isEmpty || !isPlain ? path + step : "\(path).\(step)"
  }
}
