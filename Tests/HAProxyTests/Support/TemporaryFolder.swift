import FoundationEssentials

/// Runs `body` with the path of an empty folder, short enough for unix sockets, and removes it.
func withTemporaryFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
  let folder = URL(filePath: "/tmp/evenkeel-\(UUID().uuidString.prefix(13))")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try await body(folder.path)
}
