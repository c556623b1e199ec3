import CheckedJSON

@testable import EvenkeelDaemon

/// A JSON schema of `packaging/`.
struct ShippedSchema {
  private let root: JSONValue

  init(_ name: String) throws {
    let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    root = try JSONReader.read(
      try RegularFile.read(
        folder.joined(separator: "/") + "/packaging/" + name,
        limit: Configuration.maximumFileSize))
  }

  /// An object of the schema; the top itself without a name.
  func object(_ name: String?) -> JSONValue? {
    guard let name else { return root }
    return root["$defs"]?[name]
  }
}

extension JSONValue {
  var names: [String] {
    guard case .object(let members) = self else { return [] }
    return members.map(\.name)
  }

  var first: JSONValue? {
    guard case .array(let elements) = self else { return nil }
    return elements.first
  }

  subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }
}
