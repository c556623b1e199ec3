package import EvenkeelDaemon
internal import Glibc
internal import Hummingbird
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import ServiceLifecycle

/// Shows over HTTP what the daemon does, at the address that the configuration has now.
///
/// It takes nothing from the loop but copies, and its failures are no failures of the loop: where
/// the address is taken, weights are steered all the same, and it tries again.
package struct StatusServer: Service {
  private static let mostConnections = 64
  /// Until a client has sent its request.
  private static let patience = TimeAmount.seconds(15)
  private static let mostHeaderBytes = 16 * 1024
  private static let retry = Duration.seconds(10)

  private let board: StatusBoard
  private let log: EventLog
  private let clock: any Clock<Duration>
  private let onServing: @Sendable (String) -> Void

  /// - Parameter onServing: is given the address as a URL, or a socket's path, once it is bound.
  package init(
    board: StatusBoard, logger: Logger, clock: any Clock<Duration> = ContinuousClock(),
    onServing: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.board = board
    log = EventLog(logger)
    self.clock = clock
    self.onServing = onServing
  }

  package func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        let configurations = board.configurations
        let address = board.configuration?.address ?? .off
        await withTaskGroup(of: Void.self) { group in
          group.addTask { await keepServing(at: address) }
          group.addTask {
            for await _ in configurations where board.configuration?.address != address { return }
          }
          await group.next()
          group.cancelAll()
        }
      }
    }
  }

  /// Serves until it is cancelled.
  private func keepServing(at address: StatusConfiguration.Address) async {
    var isFailing = false
    while !Task.isCancelled {
      do {
        guard let bindAddress = address.bindAddress else {
          try await clock.sleep(for: .seconds(86_400))
          continue
        }
        try await serve(at: address, bindAddress)
      } catch {
        guard !Task.isCancelled else { return }
        if !isFailing {
          isFailing = true
          log.log(
            .statusUnavailable, .error,
            "cannot show the status at \(address): \(SystemMessage.of(error)); weights are steered "
              + "all the same, and it is tried again every \(DurationText(Self.retry))")
        }
        try? await clock.sleep(for: Self.retry)
      }
    }
  }

  private func serve(
    at address: StatusConfiguration.Address, _ bindAddress: BindAddress
  ) async throws {
    let silent = Logger(label: "evenkeel.status") { _ in SwiftLogNoOpLogHandler() }
    let connections = OpenConnections()
    let application = Application(
      responder: StatusRoutes(board: board).responder,
      server: .http1(
        configuration: .init(
          additionalChannelHandlers: [ConnectionGuard(connections)], idleTimeout: Self.patience,
          httpDecoderConfiguration: .init(
            maxHeaderFieldSize: Self.mostHeaderBytes, maxHeaderListSize: Self.mostHeaderBytes,
            maxHeaderFieldCount: 100))),
      configuration: .init(
        address: bindAddress,
        availableConnectionsDelegate: .maximum(Self.mostConnections, logger: silent)),
      onServerRunning: { channel in
        let shown = address.shown(port: channel.localAddress?.port)
        if case .unix(let path) = address {
          // Whoever is in the daemon's group may look.
          _ = unsafe chmod(path, 0o660)
        }
        log.log(.statusServed, .info, "status at \(shown)")
        onServing(shown)
      },
      logger: silent)
    try await withTaskCancellationHandler {
      try await application.run()
    } onCancel: {
      connections.close()
    }
  }
}

extension StatusConfiguration.Address {
  fileprivate var bindAddress: BindAddress? {
    switch self {
    case .off: nil
    case .tcp(let host, let port): .hostname(host, port: port)
    case .unix(let path): .unixDomainSocket(path: path)
    }
  }

  /// As a person finds it.
  ///
  /// - Parameter port: the one that the system chose.
  fileprivate func shown(port: Int?) -> String {
    guard case .tcp(let host, let wanted) = self else { return description }
    return "http://\(StatusConfiguration.Address.tcp(host: host, port: port ?? wanted))/"
  }
}
