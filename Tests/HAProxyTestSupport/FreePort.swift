import NIOCore
import NIOPosix

/// A TCP port that another process can listen on.
package enum FreePort {
  /// An address of its own for each, so that nothing else in the machine, and no other test, picks
  /// the same port by chance.
  package static func reserve() async throws -> (host: String, port: Int) {
    let host = "127.83.\(Int.random(in: 1...254)).\(Int.random(in: 1...254))"
    let group = MultiThreadedEventLoopGroup.singleton
    let server = try await ServerBootstrap(group: group).bind(host: host, port: 0).get()
    let port = server.localAddress?.port ?? 0
    try await server.close()
    // A process that another test starts at this moment has the listener, too, until it runs its own
    // program.
    try await eventually("nobody listens on \(host):\(port) any more") {
      let connecting = ClientBootstrap(group: group).connect(host: host, port: port)
      guard let open = try? await connecting.get() else { return true }
      try? await open.close()
      return false
    }
    return (host, port)
  }
}
