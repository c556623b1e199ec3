import FoundationEssentials

/// Inputs to begin with: what real programs said, where the decoders' own tests keep it, and what is
/// written by hand, beside this file.
enum Corpus {
  private static let tests = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Larger ones only cost time: they repeat themselves.
  private static let longest = 12_000

  /// What a real cAdvisor said.
  static func cadvisor(_ names: [String]) throws -> [[UInt8]] {
    try names.map { try bytes("CAdvisorTests/Replies/0.38.7/\($0)") }
  }

  /// What real HAProxies said.
  ///
  /// - Parameter names: what one input is joined of.
  static func haproxy(_ names: [String], separator: String = "") throws -> [[UInt8]] {
    try ["2.0.0", "2.6.12", "3.0.0", "3.5-dev5"].map { version in
      let parts = try names.map { try bytes("HAProxyTests/Replies/\(version)/\($0)") }
      return Array(parts.joined(separator: separator.utf8))
    }
  }

  /// What is written for one target, a file an input.
  static func written(for target: String) throws -> [[UInt8]] {
    let folder = "Fuzzing/Inputs/\(target)"
    return try FileManager.default.contentsOfDirectory(atPath: tests.appending(path: folder).path)
      .sorted().map { try bytes("\(folder)/\($0)") }
  }

  /// A file of the repository.
  static func file(_ path: String) throws -> [UInt8] { try bytes("../\(path)") }

  private static func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: tests.appending(path: path)).prefix(longest))
  }
}
