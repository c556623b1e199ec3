import FoundationEssentials
import NIOCore
import NIOPosix
import NIOSSL

/// When the certificate that a server shows is valid, in seconds since 1970.
struct ShownCertificate: Equatable, Sendable {
  let notBefore: Double
  let notAfter: Double

  /// Longer than a handshake takes with a server that has just failed one.
  private static let patience = TimeAmount.seconds(1)

  /// Why it is of no use at a time; `nil` when its dates are right.
  func reason(at now: Double) -> String? {
    if now > notAfter { return "since \(Self.text(notAfter))" }
    if now < notBefore { return "before \(Self.text(notBefore))" }
    return nil
  }

  /// Begins a handshake, looks at the certificate, and refuses it.
  ///
  /// - Parameter address: where its name leads to.
  /// - Returns: `nil` when none is shown in time.
  static func ask(
    _ endpoint: CAdvisorEndpoint, at address: String, on loop: any EventLoop
  ) async -> Self? {
    guard let place = try? SocketAddress(ipAddress: address, port: endpoint.port) else {
      return nil
    }
    let shown = loop.makePromise(of: Self?.self)
    ClientBootstrap(group: loop)
      .connectTimeout(patience)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(handler(endpoint, telling: shown))
        }
      }
      .connect(to: place)
      .whenComplete { result in
        guard case .success(let channel) = result else { return shown.succeed(nil) }
        channel.closeFuture.whenComplete { _ in shown.succeed(nil) }
        loop.scheduleTask(in: patience) { channel.close(promise: nil) }
      }
    return await withTaskCancellationHandler {
      try? await shown.futureResult.get()
    } onCancel: {
      shown.succeed(nil)
    }
  }

  private static func handler(
    _ endpoint: CAdvisorEndpoint, telling shown: EventLoopPromise<Self?>
  ) throws -> NIOSSLClientHandler {
    var configuration = TLSConfiguration.cautious
    // None is needed, and a host may have none.
    configuration.trustRoots = .certificates([])
    let context = try NIOSSLContext(configuration: configuration)
    // Server names are names: an address is not sent.
    let name = endpoint.serverName ?? endpoint.host
    let isAddress = (try? SocketAddress(ipAddress: name, port: endpoint.port)) != nil
    return try NIOSSLClientHandler(
      context: context, serverHostname: isAddress ? nil : name,
      customVerificationCallback: { chain, verdict in
        shown.succeed(
          chain.first.map {
            Self(notBefore: Double($0.notValidBefore), notAfter: Double($0.notValidAfter))
          })
        verdict.succeed(.failed)
      })
  }

  private static func text(_ seconds: Double) -> String {
    Date(timeIntervalSince1970: seconds).formatted(.iso8601)
  }
}
