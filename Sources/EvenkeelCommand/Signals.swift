internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// Runs work under signal handlers, which are installed before anything else happens: as PID 1 a
/// process without them ignores SIGTERM.
enum Signals {
  /// What the services may take for their end: longer than any needs (the loop puts weights back within
  /// a second, and what was learned is one file), and shorter than `TimeoutStopSec` in systemd's unit,
  /// after which what was not written yet is lost.
  static let longestEnd = Duration.seconds(7)

  /// Runs services until one of SIGTERM and SIGINT comes, or one of them fails.
  static func run(_ services: [any Service], logger: Logger) async throws {
    // The group's own talk is of interest to nobody but a developer.
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .error)
    try await ServiceGroup(configuration: configuration(of: services, logger: quiet)).run()
  }

  private static func configuration(
    of services: [any Service], logger: Logger
  ) -> ServiceGroupConfiguration {
    var configuration = ServiceGroupConfiguration(
      services: services.map { .init(service: $0) },
      gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    // Where one hangs all are cancelled, so that what was learned is kept still.
    configuration.maximumGracefulShutdownDuration = longestEnd
    return configuration
  }

  /// Runs one piece of work to its end, or until a signal comes.
  ///
  /// - Returns: `nil` when a signal ended it.
  static func run<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value? {
    let (results, continuation) = AsyncStream.makeStream(of: Value.self)
    let service = Work {
      continuation.yield(try await work())
    }
    let group = ServiceGroup(
      configuration: .init(
        services: [
          .init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)
        ],
        gracefulShutdownSignals: [.sigterm, .sigint],
        logger: Logger(label: "evenkeel") { _ in SwiftLogNoOpLogHandler() }))
    try await group.run()
    continuation.finish()
    return await results.first { _ in true }
  }

  private struct Work: Service {
    let work: @Sendable () async throws -> Void

    func run() async throws {
      do {
        try await cancelWhenGracefulShutdown { try await work() }
      } catch is CancellationError {}
    }
  }
}
