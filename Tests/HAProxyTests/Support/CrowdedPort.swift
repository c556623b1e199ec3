import HAProxy
import NIOCore
import NIOPosix

/// A TCP port whose queue is full: the kernel drops attempts to connect, which then only wait.
enum CrowdedPort {
  static func run<Value>(_ body: (RuntimeAddress) async throws -> Value) async throws -> Value {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 1)
      .serverChannelOption(.autoRead, value: false)
      .bind(host: "127.0.0.1", port: 0).get()
    let port = server.localAddress?.port ?? 0
    var crowd: [any Channel] = []
    while let channel = try? await connect(to: port) { crowd.append(channel) }
    do {
      let value = try await body(.tcp(host: "127.0.0.1", port: port))
      await close(crowd + [server])
      return value
    } catch {
      await close(crowd + [server])
      throw error
    }
  }

  private static func connect(to port: Int) async throws -> any Channel {
    try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(.milliseconds(100))
      .connect(host: "127.0.0.1", port: port).get()
  }

  private static func close(_ channels: [any Channel]) async {
    for channel in channels { try? await channel.close() }
  }
}
