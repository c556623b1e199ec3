import AsyncHTTPClient
import NIOCore
import NIOPosix

/// Runs `body` with an HTTP client that opens as many connections as the load needs.
func withLoadClient<Value>(_ body: (HTTPClient) async throws -> Value) async throws -> Value {
  var configuration = HTTPClient.Configuration()
  configuration.httpVersion = .http1Only
  configuration.redirectConfiguration = .disallow
  configuration.timeout = .init(
    connect: .seconds(2), read: TimeAmount(LoadGenerator.limit))
  configuration.connectionPool = .init(
    idleTimeout: .seconds(10),
    concurrentHTTP1ConnectionsPerHostSoftLimit: LoadGenerator.maximumInFlight)
  configuration.connectionPool.retryConnectionEstablishment = false
  let client = HTTPClient(
    eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
  do {
    let value = try await body(client)
    try await client.shutdown()
    return value
  } catch {
    try? await client.shutdown()
    throw error
  }
}
