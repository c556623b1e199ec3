import Hummingbird
import Logging
import NIOCore

/// Serves each responder on a free port of the loopback interface while `body` runs.
///
/// - Parameter body: is given the ports, in the order of the responders.
func withHTTPServers<Value: Sendable>(
  _ responders: [RouterResponder<BasicRequestContext>],
  logger: Logger,
  body: @escaping @Sendable (_ ports: [Int]) async throws -> Value
) async throws -> Value {
  let (bound, continuation) = AsyncStream.makeStream(of: (index: Int, port: Int).self)
  let applications = responders.enumerated().map { index, responder in
    Application(
      responder: responder,
      configuration: .init(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { channel in
        continuation.yield((index, channel.localAddress?.port ?? 0))
      },
      logger: logger)
  }
  return try await withServices(applications, logger: logger) {
    var ports: [Int: Int] = [:]
    for await (index, port) in bound {
      ports[index] = port
      if ports.count == responders.count { break }
    }
    try Task.checkCancellation()
    return try await body(responders.indices.compactMap { ports[$0] })
  }
}
