/// A value of the configuration and where it stands.
struct ConfigurationNode: Sendable {
  /// A key path such as `backends[1].pattern`; empty for the whole.
  let path: String
  let value: JSONValue
}

/// An object of the configuration, whose keys are those of `Key` and no others.
struct ConfigurationObject<Key: RawRepresentable & CaseIterable> where Key.RawValue == String {
  let path: String
  private let members: [String: JSONValue]

  init(path: String, members: [String: JSONValue]) {
    self.path = path
    self.members = members
  }

  subscript(key: Key) -> ConfigurationNode? {
    members[key.rawValue].map { ConfigurationNode(path: self.path(of: key), value: $0) }
  }

  func path(of key: Key) -> String { Self.join(path, key.rawValue) }

  /// The path of a key that somebody else chose, and so may be anything.
  static func join(_ path: String, _ key: String) -> String {
    let isPlain =
      !key.isEmpty && key.utf8.count <= 64
      && key.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-".contains($0)) }
    let step = isPlain ? key : "[\(QuotedText(key))]"
    return path.isEmpty || !isPlain ? path + step : "\(path).\(step)"
  }
}
