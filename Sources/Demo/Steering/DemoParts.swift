import Logging

/// What the demo shows off, and what it looks at it with.
struct DemoParts: Sendable {
  /// Runs the daemon with a configuration file for as long as the operation takes, which is given a
  /// way to make it read the file again.
  ///
  /// Throws what the operation throws, or what ends the daemon before it; then the operation is
  /// cancelled.
  var runDaemon:
    @Sendable (
      _ configurationPath: String, _ logger: Logger,
      _ operation: @escaping @Sendable (_ reload: Reload) async throws -> Void
    ) async throws -> Void

  typealias Reload = @Sendable () async throws -> Void

  /// Reads the weights of all servers from the HAProxy at a socket, by the servers' names.
  var readWeights: @Sendable (_ socketPath: String) async throws -> [String: Int]
}
