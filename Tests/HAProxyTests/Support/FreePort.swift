import NIOCore
import NIOPosix

/// A TCP port that another process can listen on.
enum FreePort {
  /// Nothing else in the machine picks a port of this address by chance: what has no address of
  /// its own choice is on 127.0.0.1.
  private static let host = "127.83.76.29"

  static func reserve() async throws -> (host: String, port: Int) {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: host, port: 0).get()
    let port = server.localAddress?.port ?? 0
    try await server.close()
    return (host, port)
  }
}
