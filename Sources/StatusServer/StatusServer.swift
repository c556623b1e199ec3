package import EvenkeelDaemon
internal import Glibc
internal import Hummingbird
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import Synchronization

/// Shows over HTTP what the daemon does, at the address that the configuration has now.
///
/// It takes nothing from the loop but copies, and its failures are no failures of the loop: where
/// the address is taken, weights are steered all the same, and it tries again.
package struct StatusServer: Service {
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
        let place = Place(board.configuration)
        await withTaskGroup(of: Void.self) { group in
          group.addTask { await keepServing(at: place) }
          group.addTask {
            for await _ in configurations where Place(board.configuration) != place { return }
          }
          await group.next()
          group.cancelAll()
        }
      }
    }
  }

  /// Serves until it is cancelled.
  private func keepServing(at place: Place) async {
    let outage = Mutex(Outage())
    while !Task.isCancelled {
      do {
        guard let bindAddress = place.address.bindAddress else {
          try await clock.sleep(for: .seconds(86_400))
          continue
        }
        try await serve(at: place, bindAddress) { shown in
          outage.withLock { _ = $0.end() }
          onServing(shown)
        }
      } catch {
        guard !Task.isCancelled else { return }
        if outage.withLock({ $0.begin() }) {
          log.log(
            .statusUnavailable,
            "cannot show the status at \(place.address): \(SystemMessage.of(error)); weights are steered "
              + "all the same, and it is tried again every \(DurationText(Self.retry))")
        }
        try? await clock.sleep(for: Self.retry)
      }
    }
  }

  /// - Parameter onServing: is given the address as a person finds it, once it is bound.
  private func serve(
    at place: Place, _ bindAddress: BindAddress, onServing: @escaping @Sendable (String) -> Void
  ) async throws {
    let silent = Logger(label: "evenkeel.status") { _ in SwiftLogNoOpLogHandler() }
    let connections = OpenConnections()
    let application = Application(
      responder: StatusRoutes(board: board).responder,
      server: .http1(
        configuration: .init(
          additionalChannelHandlers: [ConnectionGuard(connections)],
          httpDecoderConfiguration: .init(
            maxHeaderFieldSize: Self.mostHeaderBytes, maxHeaderListSize: Self.mostHeaderBytes,
            maxHeaderFieldCount: 100))),
      configuration: .init(
        address: bindAddress,
        availableConnectionsDelegate: .maximum(
          OpenConnections.places + OpenConnections.reserve, logger: silent)),
      onServerRunning: { channel in
        let shown = place.address.shown(port: channel.localAddress?.port)
        if case .unix(let path) = place.address {
          do throws(SocketAccess.Refused) {
            try SocketAccess.open(path, to: place.group)
          } catch {
            log.log(
              .statusUnavailable, at: .warning,
              "the status at \(shown) is for evenkeel's own user and group alone: \(error)")
          }
        }
        log.log(.statusServed, "status at \(shown)")
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

/// What is opened anew when it changes.
private struct Place: Equatable {
  let address: StatusConfiguration.Address
  let group: String?

  init(_ configuration: StatusConfiguration?) {
    address = configuration?.address ?? .off
    group = configuration?.group
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
