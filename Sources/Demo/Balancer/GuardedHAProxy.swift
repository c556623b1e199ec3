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
      let ended = await Self.follow(guardian.standardOutput, while: body)
      try? await guardian.standardInputWriter.finish()
      await guardian.teardown(using: Self.teardown)
      // Whoever killed the guardian may have left HAProxy. Until the guardian is reaped, no other
      // group can have its number.
      try? guardian.send(signal: .kill, toProcessGroup: true)
      return ended
    }
    let ended = outcome.closureResult
    // Gone already, unless the guardian was killed.
    if let folder = ended.folder { try? FileManager.default.removeItem(atPath: folder) }
    return try ended.result.get()
  }

  /// SIGTERM ends HAProxy, and with it the guardian, which does not heed it; the library follows
  /// with SIGKILL for one that hangs.
  private static let teardown: [TeardownStep] = [
    .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(5))
  ]

  /// Runs `body` until it ends or the guardian's output does.
  private static func follow<Value: Sendable>(
    _ output: SubprocessOutputSequence,
    while body: @escaping @Sendable (String) async throws -> Value
  ) async -> Ended<Value> {
    let (folders, continuation) = AsyncStream.makeStream(of: String.self)
    return await withTaskGroup(of: Ended<Value>?.self) { tasks in
      tasks.addTask {
        var words = LastWords()
        do {
          for try await line in output.strings() {
            if let folder = words.heard(line) { continuation.yield(folder) }
          }
        } catch {
          words.messages.append("\(error)")
        }
        continuation.finish()
        return Ended(folder: words.folder, result: .failure(words.error))
      }
      tasks.addTask {
        for await folder in folders {
          do {
            return Ended(folder: folder, result: .success(try await body(folder)))
          } catch {
            return Ended(folder: folder, result: .failure(error))
          }
        }
        // There is no folder, or the caller was cancelled: the task above tells.
        return nil
      }
      defer { tasks.cancelAll() }
      while let ended = await tasks.next() {
        if let ended { return ended }
      }
      return Ended(folder: nil, result: .failure(CancellationError()))
    }
  }
}

/// How a guarded operation ended, and where.
private struct Ended<Value: Sendable>: Sendable {
  /// `nil` when the guardian made none.
  var folder: String?
  var result: Result<Value, any Error>
}

/// What a guardian said that ended while it was needed.
private struct LastWords {
  private(set) var folder: String?
  /// What it said after that, or instead of it: mktemp's or HAProxy's own words.
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

  var error: DemoError {
    DemoError(
      folder == nil ? .noTemporaryFolder(messages: messages) : .haproxyEnded(messages: messages))
  }
}
