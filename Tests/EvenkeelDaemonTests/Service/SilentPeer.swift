import HAProxyTestSupport
import NIOCore
import NIOPosix

/// A peer that takes connections and says nothing, on a TCP port and on a unix socket.
struct SilentPeer {
  private let tcp: any Channel
  private let unix: any Channel
  let port: Int
  let socket: String

  init(folder: TemporaryFolder) async throws {
    let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    socket = "\(folder.path)/silent.sock"
    tcp = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
    unix = try await bootstrap.bind(unixDomainSocketPath: socket).get()
    port = tcp.localAddress?.port ?? 0
  }

  func close() async throws {
    try await tcp.close()
    try await unix.close()
  }
}
