import FoundationEssentials
import Subprocess

/// The program as it was built with these tests.
enum Program {
  struct Outcome: Sendable {
    var exitCode: Int32?
    var output: String
    var error: String
  }

  /// Beside the tests' own bundle.
  private static var path: String {
    URL(filePath: CommandLine.arguments.first ?? "").deletingLastPathComponent()
      .appending(path: "evenkeel").path
  }

  static func run(_ arguments: String..., environment: [String: String] = [:]) async throws
    -> Outcome
  {
    try await run(list: arguments, environment: environment)
  }

  /// Runs the program until the body is done, and ends it as SIGTERM does.
  ///
  /// - Returns: its exit code.
  static func whileRunning(
    list arguments: [String], _ body: @Sendable @escaping () async throws -> Void
  ) async throws -> Int32? {
    let result = try await Subprocess.run(
      .name("env"), arguments: Arguments([path] + arguments), input: .inputWriter,
      output: .discarded,
      error: .discarded
    ) { execution in
      let outcome: Result<Void, any Error>
      do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
      try execution.send(signal: .terminate)
      return outcome
    }
    try result.closureResult.get()
    guard case .exited(let code) = result.terminationStatus else { return nil }
    return code
  }

  /// Sends a text to a UNIX socket, and returns what comes back.
  static func say(_ text: String, to socket: String) async throws -> String {
    let script = """
      import socket, sys
      s = socket.socket(socket.AF_UNIX)
      s.settimeout(20)
      s.connect(sys.argv[1])
      s.sendall(sys.argv[2].encode())
      try:
          print(s.recv(65536).decode())
      except ConnectionError:
          pass
      """
    return try await Subprocess.run(
      .name("python3"), arguments: ["-c", script, socket, text],
      output: .string(limit: 1 << 20), error: .discarded
    ).standardOutput
  }

  /// - Parameter launcher: a program, with its arguments, that starts this one.
  static func run(
    list arguments: [String], under launcher: [String] = [], environment: [String: String] = [:]
  ) async throws -> Outcome {
    let variables = environment.reduce(into: [Environment.Key: String?]()) {
      $0[Environment.Key(stringLiteral: $1.key)] = $1.value
    }
    let result = try await Subprocess.run(
      .name("env"), arguments: Arguments(launcher + [path] + arguments),
      environment: .inherit.updating(variables), output: .string(limit: 1 << 20),
      error: .string(limit: 1 << 20))
    let exitCode: Int32? =
      if case .exited(let code) = result.terminationStatus { code } else { nil }
    return Outcome(
      exitCode: exitCode, output: result.standardOutput, error: result.standardError)
  }
}

extension Program {
  /// A shell that gives a program a file to read by a pipe.
  static func piping(_ file: TemporaryFile) -> [String] {
    ["sh", "-c", "file=$1; shift; cat \"$file\" | \"$@\"", "sh", file.path]
  }
}

/// A file that is gone with the last reference to it.
final class TemporaryFile: Sendable {
  let path: String

  init(_ text: String) throws {
    path = FileManager.default.temporaryDirectory.path + "evenkeel-\(UUID().uuidString).json"
    try text.write(to: URL(filePath: path), atomically: true, encoding: .utf8)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
