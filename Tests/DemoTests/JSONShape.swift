/// Any JSON, to look at how replies are built.
enum JSONShape: Decodable {
  case object([String: JSONShape])
  case array([JSONShape])
  case string, number, boolean, null

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let object = try? value.decode([String: JSONShape].self) {
      self = .object(object)
    } else if let array = try? value.decode([JSONShape].self) {
      self = .array(array)
    } else if (try? value.decode(Bool.self)) != nil {
      self = .boolean
    } else if (try? value.decode(Double.self)) != nil {
      self = .number
    } else {
      _ = try value.decode(String.self)
      self = .string
    }
  }

  /// Every path to a leaf with the leaf's type: `*.spec.cpu.limit: number`. The paths of
  /// containers, which differ from reply to reply, are `*`.
  var paths: Set<String> { paths(under: "") }

  private func paths(under path: String) -> Set<String> {
    switch self {
    case .object(let members):
      members.reduce(into: []) { all, member in
        let key = member.key.hasPrefix("/docker/") ? "*" : member.key
        all.formUnion(member.value.paths(under: "\(path).\(key)"))
      }
    case .array(let elements):
      elements.reduce(into: []) { $0.formUnion($1.paths(under: "\(path)[]")) }
    case .string: ["\(path): string"]
    case .number: ["\(path): number"]
    case .boolean: ["\(path): boolean"]
    case .null: ["\(path): null"]
    }
  }
}
