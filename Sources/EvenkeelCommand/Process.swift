internal import ArgumentParser
internal import CheckedJSON
internal import EvenkeelDaemon
internal import Glibc
internal import NIOCore
internal import NIOPosix

/// What concerns the process as a whole: its start and its end.
enum Process {
  /// Exit codes beside 0, 1 and argument-parser's own.
  static let unreachable = ExitCode(69)
  static let wrongConfiguration = ExitCode(78)
  private static let usage: Int32 = 2

  static func prepare() {
    // A peer that closes its end must not end us.
    signal(SIGPIPE, SIG_IGN)
    // One loop is as fast as two for hundreds of endpoints, and takes less memory.
    NIOSingletons.groupLoopCountSuggestion = 1
  }

  /// The environment, as a dictionary.
  static var environment: [String: String] {
    var result: [String: String] = [:]
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let parts = unsafe String(cString: text).split(separator: "=", maxSplits: 1)
      if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
      unsafe entry += 1
    }
    return result
  }

  /// Runs what asks a daemon; no answer is a part that is unreachable.
  static func reaching<Value>(_ work: () async throws -> Value) async throws -> Value {
    do {
      return try await work()
    } catch let error as StatusClient.NoAnswer {
      Output.error("\(error)")
      throw unreachable
    }
  }

  /// Says what went wrong and ends with the code that fits.
  static func exit(for error: any Error) -> Never {
    if let invalid = error as? InvalidFile {
      // Who reads JSON is given JSON.
      if CommandLine.arguments.contains("--json") { try? Output.json(RefusedFile(invalid)) }
      Output.error("\(invalid)")
      Glibc.exit(wrongConfiguration.rawValue)
    }
    let code = Evenkeel.exitCode(for: error)
    let message = Evenkeel.fullMessage(for: error)
    if !message.isEmpty {
      if code == .success { Output.data(message) } else { Output.error(message) }
    }
    Glibc.exit(code == .validationFailure ? usage : code.rawValue)
  }
}
