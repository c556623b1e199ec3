import FoundationEssentials

/// A folder whose path is short enough for unix sockets; it is gone with the last reference to it.
package final class TemporaryFolder: Sendable {
  package let path: String

  package init() throws {
    path = "/tmp/evenkeel-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file.
  ///
  /// - Returns: its path.
  package func write(_ text: String, to name: String) throws -> String {
    let file = "\(path)/\(name)"
    try text.write(to: URL(filePath: file), atomically: true, encoding: .utf8)
    return file
  }
}

/// Runs `body` with the path of an empty folder, and removes it.
package func withTemporaryFolder<Value>(
  _ body: (String) async throws -> Value
) async throws -> Value {
  let folder = try TemporaryFolder()
  defer { withExtendedLifetime(folder) {} }
  return try await body(folder.path)
}
