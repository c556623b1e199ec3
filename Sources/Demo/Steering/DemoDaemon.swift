import EvenkeelDaemon
import FoundationEssentials
import Logging

extension Demo {
  /// A demo of the daemon as it is.
  ///
  /// - Parameter environment: the process's own; `PATH` and `TMPDIR` are heeded.
  package init(options: DemoOptions, environment: [String: String], output: DemoOutput) {
    self.init(
      options: options, environment: environment, output: output,
      parts: DemoParts(steer: steerWithDaemon, readWeights: weightsInHAProxy))
  }
}

@Sendable
private func steerWithDaemon(
  configurationPath: String, logger: Logger,
  operation: @escaping @Sendable () async throws -> Void
) async throws {
  // Not the demo's own environment: who started the demo, and where a real daemon keeps its state,
  // is none of this one's business.
  let folder = URL(filePath: configurationPath).deletingLastPathComponent().path
  let daemon = Daemon(
    configurationPath: configurationPath, environment: ["STATE_DIRECTORY": folder], logger: logger)
  try await withServices([daemon], logger: logger, body: operation)
}
