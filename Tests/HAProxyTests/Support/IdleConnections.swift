import NIOCore
import NIOPosix

/// Opens connections that say nothing.
struct IdleConnections {
  private let channels: [any Channel]

  var count: Int { channels.count }

  /// Holds as many connections as asked for, or as the socket takes, while `body` runs.
  static func hold<Value>(
    atMost limit: Int, to path: String, _ body: (IdleConnections) async throws -> Value
  ) async throws -> Value {
    var channels: [any Channel] = []
    while channels.count < limit, let channel = try? await connect(to: path) {
      channels.append(channel)
    }
    do {
      let value = try await body(IdleConnections(channels: channels))
      await close(channels)
      return value
    } catch {
      await close(channels)
      throw error
    }
  }

  private static func connect(to path: String) async throws -> any Channel {
    try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(unixDomainSocketPath: path).get()
  }

  private static func close(_ channels: [any Channel]) async {
    for channel in channels { try? await channel.close() }
  }
}
