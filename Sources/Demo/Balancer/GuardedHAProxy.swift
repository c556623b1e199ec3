import FoundationEssentials
import Subprocess

/// A HAProxy in a temporary folder of its own, under a guardian that ends both.
struct GuardedHAProxy: Sendable {
  /// Where its folder is made.
  var parentFolder: String
  var program: String
  var configuration: HAProxyConfiguration
  /// What the guardian writes to standard error when all is over; empty for nothing.
  var farewell = ""

  /// Runs HAProxy for as long as `body` takes.
  ///
  /// - Parameter body: is given the path of the folder, which has mode 0700. HAProxy may not be
  ///   ready yet.
  /// - Throws: what `body` throws, and `DemoError` when HAProxy ends before it; then `body` is
  ///   cancelled.
  func run<Value: Sendable>(
    _ body: @escaping @Sendable (_ folder: String) async throws -> Value
  ) async throws -> Value {
    var options = PlatformOptions()
    options.createSession = true
    options.teardownSequence = Self.teardown
    let outcome = try await Subprocess.run(
      .name("sh"),
      arguments: [
        "-c", Guardian.script, "evenkeel-demo", parentFolder, program, configuration.text, farewell,
      ],
      platformOptions: options, input: .inputWriter, output: .sequence, error: .currentStandardError
    ) { guardian in
      let folder = Mutex<String?>(nil)
      let result = await Self.follow(guardian.standardOutput, tellingFolder: folder, while: body)
      try? await guardian.standardInputWriter.finish()
      await guardian.teardown(using: Self.teardown)
      // Whoever killed the guardian may have left HAProxy. Until the guardian is reaped, no other
      // group can have its number.
      try? guardian.send(signal: .kill, toProcessGroup: true)
      return (folder: folder.withLock { $0 }, result: result)
    }
    // Gone already, unless the guardian was killed.
    if let folder = outcome.closureResult.folder {
      try? FileManager.default.removeItem(atPath: folder)
    }
    return try outcome.closureResult.result.get()
  }

  /// SIGTERM ends HAProxy, and with it the guardian, which does not heed it; the library follows
  /// with SIGKILL for one that hangs.
  private static let teardown: [TeardownStep] = [
    .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(5))
  ]

  /// Runs `body` until it ends or the guardian's output does.
  private static func follow<Value: Sendable>(
    _ output: SubprocessOutputSequence,
    tellingFolder: borrowing Mutex<String?>,
    while body: @escaping @Sendable (String) async throws -> Value
  ) async -> Result<Value, any Error> {
    let (folders, continuation) = AsyncStream.makeStream(of: String.self)
    return await withTaskGroup(of: Result<Value, any Error>.self) { tasks in
      tasks.addTask {
        var gone = GuardianGone()
        do {
          for try await line in output.strings() {
            if let folder = gone.heard(line) { continuation.yield(folder) }
          }
        } catch {
          gone.messages.append("\(error)")
        }
        continuation.finish()
        return .failure(gone)
      }
      tasks.addTask {
        do {
          for await folder in folders { return .success(try await body(folder)) }
          // No folder: the task above tells why.
          try await Task.sleep(for: .seconds(3600))
          return .failure(CancellationError())
        } catch {
          return .failure(error)
        }
      }
      let first = await tasks.next()
      try? await input.finish()
      tasks.cancelAll()
      return first ?? .failure(CancellationError())
    }
  }
}

/// The guardian ended while it was needed.
private struct GuardianGone: Error {
  /// Its folder, once it has said so.
  private(set) var folder: String?
  /// What it said after that, or instead of it: HAProxy's own words.
  var messages: [String] = []

  /// - Returns: the folder, when the line tells it.
  mutating func heard(_ line: String) -> String? {
    if folder == nil, line.hasPrefix("/"), messages.isEmpty {
      folder = line
      return line
    }
    if !line.isEmpty { messages = messages.suffix(4) + [line] }
    return nil
  }

  /// Removes the folder, which is still there if the guardian was killed.
  func cleanUp() -> DemoError {
    guard let folder else { return DemoError(.noTemporaryFolder(messages: messages)) }
    try? FileManager.default.removeItem(atPath: folder)
    return DemoError(.haproxyEnded(messages: messages))
  }
}
