package import NIOCore
internal import NIOPosix
internal import Synchronization

/// The address that an endpoint's machine has, found by connecting to it.
///
/// A name is not looked up by itself: a resolver's call cannot be given up, a connection can.
package final class EndpointAddresses: Sendable {
  private static let trustedFor = Duration.seconds(300)

  private let host: String
  private let port: Int
  private let isWanted: Bool
  private let group: any EventLoopGroup
  private let known = Mutex<(addresses: Set<String>, at: ContinuousClock.Instant)?>(nil)

  /// - Parameter isWanted: whether any backend matches by address; else nothing is asked.
  package init(host: String, port: Int, isWanted: Bool, group: any EventLoopGroup) {
    self.host = host
    self.port = port
    self.isWanted = isWanted
    self.group = group
  }

  /// The addresses, its name among them; while it cannot be reached, what was known before.
  package func current() async -> Set<String> {
    guard isWanted else { return [] }
    let now = ContinuousClock.now
    if let known = known.withLock({ $0 }), now - known.at < Self.trustedFor {
      return known.addresses
    }
    guard let address = await connectedAddress() else {
      return known.withLock { $0?.addresses } ?? [host]
    }
    let addresses: Set = [host, address]
    known.withLock { $0 = (addresses, now) }
    return addresses
  }

  private func connectedAddress() async -> String? {
    let loop = group.next()
    let found = loop.makePromise(of: String?.self)
    ClientBootstrap(group: loop)
      .connectTimeout(.seconds(1))
      .connect(host: host, port: port)
      .whenComplete { result in
        guard case .success(let channel) = result else { return found.succeed(nil) }
        found.succeed(channel.remoteAddress?.ipAddress)
        channel.close(promise: nil)
      }
    return await withTaskCancellationHandler {
      try? await found.futureResult.get()
    } onCancel: {
      found.succeed(nil)
    }
  }
}
