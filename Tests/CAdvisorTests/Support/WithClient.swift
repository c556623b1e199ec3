import AsyncHTTPClient
import CAdvisor
import NIOSSL

/// Runs a body with a scripted server and a client of it, and takes both down after it.
func withClient<Value>(
  of script: @escaping ScriptedServer.Script,
  tls: NIOSSLContext? = nil,
  configuration: HTTPClient.Configuration? = nil,
  url: (Int) -> String = { "http://127.0.0.1:\($0)" },
  credentials: CAdvisorCredentials? = nil,
  replyLimit: Int = 16 << 20,
  _ body: (CAdvisorClient, ScriptedServer) async throws -> Value
) async throws -> Value {
  let server = try await ScriptedServer.start(tls: tls, script: script)
  let http = HTTPClient(
    eventLoopGroup: HTTPClient.defaultEventLoopGroup,
    configuration: try configuration ?? CAdvisorHTTP.configuration())
  let client = CAdvisorClient(
    endpoint: try CAdvisorEndpoint(url: url(server.port)), http: http, credentials: credentials,
    replyLimit: replyLimit)
  let outcome: Result<Value, any Error>
  do {
    outcome = .success(try await body(client, server))
  } catch {
    outcome = .failure(error)
  }
  try await http.shutdown()
  try await server.stop()
  return try outcome.get()
}
