import FoundationEssentials
package import HAProxy
package import NIOCore
import NIOPosix

extension RealHAProxy {
  package var group: any EventLoopGroup { MultiThreadedEventLoopGroup.singleton }

  /// Holds a conversation of its own while `body` runs.
  package func withSession<Value: Sendable>(
    _ body: (inout RuntimeSession) async throws(RuntimeError) -> Value
  ) async throws -> Value {
    try await RuntimeConnection(
      address: address("admin.sock"), group: group, connectTimeout: .seconds(1), replyLimit: 1 << 20
    ).withSession(body)
  }

  /// Has HAProxy do what the client has no words for; success is an empty reply.
  package func command(_ line: String) async throws {
    let reply = try await OneExchange.say(line + "\n", to: path("admin.sock"))
    guard reply == "\n" else { throw Unwelcome(line: line, reply: reply) }
  }

  /// Ends a frontend for good; HAProxy says so on its log alone.
  package func shutDown(_ frontend: String) async throws {
    try await command("shutdown frontend \(frontend)")
  }

  /// Removes a file from its folder.
  package func remove(_ file: String) throws {
    try FileManager.default.removeItem(atPath: path(file))
  }

  package func server(_ name: String, of backend: String) async throws -> RuntimeServer {
    let status = try await client.read(backends: [backend]).backends[backend]
    guard let server = status?.servers.first(where: { $0.name == name }) else {
      throw Unwelcome(line: "read \(backend)/\(name)", reply: "no such server")
    }
    return server
  }

  /// What stands, by server.
  package func weights(of backend: String) async throws -> [String: Int] {
    let status = try await client.read(backends: [backend]).backends[backend]
    return Dictionary(
      (status?.servers ?? []).map { ($0.name, $0.currentWeight) }, uniquingKeysWith: { $1 })
  }
}

/// HAProxy did not do what a test wanted of it.
private struct Unwelcome: Error, CustomStringConvertible {
  let line: String
  let reply: String

  var description: String { "\(line): \(reply)" }
}
