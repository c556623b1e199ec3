import HAProxy
import NIOCore
import NIOPosix
import Testing

extension RealHAProxy {
  var group: any EventLoopGroup { MultiThreadedEventLoopGroup.singleton }

  /// Holds a conversation of its own while `body` runs.
  func withSession<Value: Sendable>(
    _ body: (inout RuntimeSession) async throws(RuntimeError) -> Value
  ) async throws -> Value {
    try await RuntimeConnection(
      address: address("admin.sock"), group: group, connectTimeout: .seconds(1), replyLimit: 1 << 20
    ).withSession(body)
  }

  /// Has HAProxy do what the client has no words for; success is an empty reply.
  func command(_ line: String) async throws {
    let reply = try await OneExchange.say(line + "\n", to: path("admin.sock"))
    try #require(reply == "\n", "\(line)")
  }

  func server(_ name: String, of backend: String) async throws -> ServerStatus {
    let status = try await client.read(backends: [backend]).backends[backend]
    return try #require(status?.servers.first { $0.name == name })
  }
}
