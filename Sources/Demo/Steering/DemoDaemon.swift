import EvenkeelDaemon
import FoundationEssentials
import Logging
import StatusServer

extension Demo {
  /// A demo of the daemon as it is.
  ///
  /// - Parameter environment: the process's own; `PATH` and `TMPDIR` are heeded.
  package init(options: DemoOptions, environment: [String: String], output: DemoOutput) {
    self.init(
      options: options, environment: environment, output: output,
      parts: DemoParts(runDaemon: runDaemon, readWeights: weightsInHAProxy))
  }
}

@Sendable
private func runDaemon(
  configurationPath: String, logger: Logger,
  operation: @escaping @Sendable (_ reload: DemoParts.Reload) async throws -> Void
) async throws {
  // Not the demo's own environment: who started the demo, and where a real daemon keeps its state,
  // is none of this one's business.
  let folder = URL(filePath: configurationPath).deletingLastPathComponent().path
  let progress = LoopProgress()
  let reloads = ReloadRequests()
  let steadyClock = SteadyClock()
  let board = StatusBoard(
    configFile: configurationPath, progress: progress, now: { steadyClock.now })
  let daemon = Daemon(
    configurationPath: configurationPath, environment: ["STATE_DIRECTORY": folder], logger: logger,
    steadyClock: steadyClock, progress: progress, reloads: reloads, board: board)
  let server = StatusServer(board: board, logger: logger)
  try await withServices([daemon, server], logger: logger) {
    try await operation { reloads.raise() }
  }
}
