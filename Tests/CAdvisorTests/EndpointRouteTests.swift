import AsyncHTTPClient
import NIOHTTP1
import NIOSSL
import Names
import Synchronization
import Testing

@testable import CAdvisor

/// An endpoint that is reached by its name.
@Suite(.timeLimit(.minutes(1)))
struct EndpointRouteTests {
  private static func withRoute<Value>(
    to host: String, tls: NIOSSLContext? = nil, caFile: String? = nil,
    resolver: NameResolver, _ body: (CAdvisorClient, ScriptedServer) async throws -> Value
  ) async throws -> Value {
    let server = try await ScriptedServer.start(tls: tls) { _ in .json(#"{"num_cores":2}"#) }
    let scheme = tls == nil ? "http" : "https"
    let endpoint = try CAdvisorEndpoint(url: "\(scheme)://\(host):\(server.port)")
    let route = EndpointRoute(
      to: endpoint, configuration: try CAdvisorHTTP.configuration(caFile: caFile),
      group: HTTPClient.defaultEventLoopGroup, resolver: resolver, patience: .milliseconds(100))
    let outcome: Result<Value, any Error>
    do {
      outcome = .success(
        try await body(CAdvisorClient(endpoint: endpoint, route: route), server))
    } catch {
      outcome = .failure(error)
    }
    await route.close()
    try await server.stop()
    return try outcome.get()
  }

  @Test func `the name is in the Host header, and the address is connected to`() async throws {
    let resolver = NameResolver { _ in .success(["127.0.0.1"]) }
    try await Self.withRoute(to: "web1.example", resolver: resolver) { client, server in
      for _ in 0..<3 { _ = try await client.machine() }
      #expect(
        server.log.requests.map { $0.headers["host"] }.allSatisfy {
          $0 == ["web1.example:\(server.port)"]
        })
      #expect(server.log.connections == 1)
    }
  }

  @Test func `a certificate must have the name, not the address`() async throws {
    let certificates = try TestCertificates(subjectAltName: "DNS:web1.example")
    let resolver = NameResolver { _ in .success(["127.0.0.1"]) }
    for (host, isRight) in [("web1.example", true), ("web2.example", false)] {
      try await Self.withRoute(
        to: host, tls: certificates.serverContext(), caFile: certificates.caFile,
        resolver: resolver
      ) { client, _ in
        do {
          _ = try await client.machine()
          #expect(isRight)
        } catch let error as CAdvisorError {
          #expect(!isRight && error.kind == .foreignCertificate, "\(error)")
        }
      }
    }
  }

  @Test func `an address where nobody listens is followed by the next, which is kept`()
    async throws
  {
    let resolver = NameResolver { _ in .success(["127.0.0.2", "::1", "127.0.0.1"]) }
    try await Self.withRoute(to: "web1.example", resolver: resolver) { client, server in
      for _ in 0..<3 { _ = try await client.machine() }
      #expect(server.log.requests.count == 3 && server.log.connections == 1)
    }
  }

  @Test func `a name that moves is followed once its answer is old`() async throws {
    let place = Mutex("127.0.0.2")
    let time = Mutex(Duration.zero)
    let resolver = NameResolver(
      lookUp: { _ in .success([place.withLock { $0 }]) }, elapsed: { time.withLock { $0 } })
    try await Self.withRoute(to: "web1.example", resolver: resolver) { client, _ in
      for _ in 0..<2 {
        let error = try await #require(throws: CAdvisorError.self) { try await client.machine() }
        #expect(error.kind == .connectionRefused)
        place.withLock { $0 = "127.0.0.1" }
      }
      time.withLock { $0 = .seconds(31) }
      #expect(try await client.machine().cores == 2)
    }
  }

  @Test func `a name that is not resolved is said to be so`() async throws {
    let resolver = NameResolver { _ in .failure(.unknown("Name or service not known")) }
    try await Self.withRoute(to: "web3.gone", resolver: resolver) { client, _ in
      let error = try await #require(throws: CAdvisorError.self) { try await client.machine() }
      #expect(error.kind == .nameNotResolved)
      #expect(
        error.description.contains(
          "the name web3.gone is not resolved (Name or service not known); check its spelling"))
    }
  }
}
