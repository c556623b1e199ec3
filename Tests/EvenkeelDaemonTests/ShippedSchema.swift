import CheckedJSON
import Testing

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

  /// Holds objects that were told against those of the schema: every field is in it, described and
  /// required, and no other.
  ///
  /// - Parameter optional: fields that are absent where nothing is known.
  func expectToDescribe(
    _ told: [(name: String?, object: JSONValue?)], optional: Set<String> = []
  ) throws {
    for (name, found) in told {
      let object = try #require(self.object(name))
      let properties = try #require(object["properties"])
      #expect(Set(try #require(found).names) == Set(properties.names), "\(name ?? "the top")")
      let required = properties.names.filter { !optional.contains($0) }
      #expect(object["required"] == .array(required.map { .string($0) }))
      for property in properties.names {
        #expect(properties[property]?["description"] != nil, "\(property)")
      }
    }
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
