import Control
import HAProxyTestSupport
import NIOCore
import Testing

@testable import EvenkeelDaemon

/// What `init` finds beside a real HAProxy, where no cAdvisor answers.
@Suite struct DiscoveryTests {
  private func look(
    servers: String, engines: [(name: String, engine: ScriptedEngine?)]
  ) async throws -> Discovery.Outcome {
    try await RealHAProxy.run("backend web\n\(servers)") { haproxy in
      let folder = try TemporaryFolder()
      defer { withExtendedLifetime(folder) {} }
      var listeners: [any Channel] = []
      for (name, engine) in engines {
        if let engine { listeners.append(try await engine.listen(at: "\(folder.path)/\(name)")) }
      }
      let nobody = try await FreePort.reserve()
      let places = Discovery.Places(
        sockets: ["unix:\(haproxy.path("admin.sock"))"], endpoints: [], endpointPort: nobody.port,
        engines: engines.map { "\(folder.path)/\($0.name)" })
      let found: Result<Discovery.Outcome, any Error>
      do {
        found = .success(try await Discovery(places, mode: .observe) { _ in }.look())
      } catch {
        found = .failure(error)
      }
      for listener in listeners { try await listener.close() }
      return try found.get()
    }
  }

  private static let named =
    "  server api-1 127.0.0.1:9 weight 100\n  server api-2 127.0.0.1:9 weight 100\n"

  @Test func `Docker's socket is proposed where its containers are the servers, with a warning`()
    async throws
  {
    let found = try await look(
      servers: Self.named,
      engines: [("absent", nil), ("docker.sock", ScriptedEngine(containers: 3))])
    let sources = found.configuration.endpoints
    #expect(sources.count == 1)
    let socket = try #require(sources.first)
    #expect(socket.hasPrefix("unix:/") && socket.hasSuffix("/docker.sock"))
    #expect(found.configuration.finding == nil)
    #expect(try found.configuration.text(for: "config.json").contains("\"\(socket)\""))
    #expect(
      found.warnings == [
        """
        who may open \(socket.dropFirst("unix:".count)) may do anything on this machine, as root, and \
        evenkeel's user is to open it; it asks by GET alone, so a proxy that lets only \
        `GET /containers/` through will do in its place
        """
      ])
    #expect(
      found.report.backends.first?.servers.map(\.container) == ["api-1", "api-2"])
  }

  @Test func `containers are found by their addresses on the bridge`() async throws {
    var engine = ScriptedEngine(containers: 3)
    engine.addresses = [1: "127.0.0.31", 2: "127.0.0.32"]
    let found = try await look(
      servers: "  server s1 127.0.0.31:9 weight 100\n  server s2 127.0.0.32:9 weight 100\n",
      engines: [("docker.sock", engine)])
    #expect(found.configuration.backends.map(\.rule.matchesByAddress) == [true])
    #expect(found.warnings.count == 1)
  }

  @Test func `of two engines the one with the servers' containers is proposed`() async throws {
    var other = ScriptedEngine(containers: 2)
    other.flaws = [1: .fails, 2: .fails]
    let found = try await look(
      servers: Self.named,
      engines: [("broken.sock", other), ("podman.sock", ScriptedEngine(containers: 2))])
    #expect(found.configuration.endpoints.first?.hasSuffix("/podman.sock") == true)
    #expect(found.silent.contains { $0.contains("broken.sock") })
  }
}
