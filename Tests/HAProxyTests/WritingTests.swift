import HAProxy
import HAProxyTestSupport
import NIOPosix
import Testing

/// What the client writes to a real HAProxy, and what it makes of the refusals.
@Suite(.serialized) struct WritingTests {
  private static func set(
    _ server: String, _ weight: Int, in backend: String = "web"
  ) -> WeightAssignment {
    WeightAssignment(backend: backend, server: server, weight: weight)
  }

  @Test func `a weight that was written is the one that is read`() async throws {
    try await RealHAProxy.run("backend web\n  server s 127.0.0.1:1 weight 100") { haproxy in
      let process = try await haproxy.client.read(backends: []).process.identity
      #expect(
        try await haproxy.client.setWeights([Self.set("s", 40)], ifProcess: process) == [.written])
      let server = try await haproxy.server("s", of: "web")
      #expect(server.currentWeight == 40)
      #expect(server.initialWeight == 100)
    }
  }

  @Test func `each result belongs to its assignment`() async throws {
    try await RealHAProxy.run(
      """
      backend web
        server s 127.0.0.1:1
        server t 127.0.0.1:1
      backend fixed
        balance static-rr
        server s 127.0.0.1:1 weight 100
      """
    ) { haproxy in
      let results = try await haproxy.client.setWeights(
        [
          Self.set("s", 5), Self.set("s", 257), Self.set("gone", 5), Self.set("s", 5, in: "gone"),
          Self.set("s", 50, in: "fixed"), Self.set("t", 256),
        ], ifProcess: nil)
      #expect(
        results == [
          .written, .refused(reply: "Absolute weight can only be between 0 and 256 inclusive."),
          .noSuchServer, .noSuchServer,
          .staticAlgorithm(
            reply: "Backend is using a static LB algorithm and only accepts weights "
              + "'0%' and '100%'."),
          .written,
        ])
      #expect(try await haproxy.server("s", of: "web").currentWeight == 5)
      #expect(try await haproxy.server("t", of: "web").currentWeight == 256)
    }
  }

  @Test func `an error without an empty line is paired rightly`() async throws {
    try await RealHAProxy.run("backend web\n  server s 127.0.0.1:1 weight 100") { haproxy in
      let replies = try await haproxy.withSession { session throws(RuntimeError) in
        let address = haproxy.address("admin.sock")
        let web = try ProxyName("web", at: address)
        return try await session.ask([
          .setWeight(of: try ProxyName("s", at: address), in: web, to: -1),
          .showServersState(of: web), .showAccessLevel,
        ])
      }
      #expect(replies.count == 3)
      #expect(replies.last == "admin")
      #expect(try Table(serversState: replies[1]).rows.count == 1)
    }
  }

  @Test(arguments: ["operator.sock", "user.sock"])
  func `a socket below level admin takes no weights`(socket: String) async throws {
    try await RealHAProxy.run("backend web\n  server s 127.0.0.1:1 weight 100") { haproxy in
      let results = try await haproxy.client(socket).setWeights(
        [Self.set("s", 5)], ifProcess: nil)
      #expect(results == [.permissionDenied])
      #expect(try await haproxy.server("s", of: "web").currentWeight == 100)
    }
  }

  @Test func `a socket with severities in front of its replies is as any other`() async throws {
    try await RealHAProxy.run(
      """
      backend web
        server s 127.0.0.1:1 weight 100
      backend fixed
        balance static-rr
        server s 127.0.0.1:1 weight 100
      backend off
        disabled
        server s 127.0.0.1:1
      """
    ) { haproxy in
      let client = haproxy.client("number.sock")
      #expect(try await client.accessLevel() == .admin)
      #expect(try await client.listBackends().contains("web"))
      #expect(try await client.read(backends: ["gone", "web"]).backends.keys.sorted() == ["web"])
      let assignments = [
        Self.set("s", 50, in: "fixed"), Self.set("s", 40), Self.set("gone", 5),
        Self.set("s", 5, in: "off"), Self.set("s", 257),
      ]
      let results = try await client.setWeights(assignments, ifProcess: nil)
      #expect(results == (try await haproxy.client.setWeights(assignments, ifProcess: nil)))
      #expect(results[1] == .written)
      #expect(results[3] == .refused(reply: "Proxy is disabled."))
      let lower = haproxy.client("string.sock")
      #expect(try await lower.accessLevel() == .operator)
      #expect(
        try await lower.setWeights([Self.set("s", 5)], ifProcess: nil) == [.permissionDenied])
    }
  }

  @Test func `a disabled backend is refused and does not pass for a reload`() async throws {
    try await RealHAProxy.run(
      "backend off\n  disabled\n  server s 127.0.0.1:1\nbackend web\n  server s 127.0.0.1:1"
    ) { haproxy in
      let results = try await haproxy.client.setWeights(
        [Self.set("s", 5, in: "off"), Self.set("s", 5)], ifProcess: nil)
      #expect(results == [.refused(reply: "Proxy is disabled."), .written])
    }
  }

  @Test func `a name that is no name is refused before anything is sent`() async throws {
    try await RealHAProxy.run("backend web\n  server s 127.0.0.1:1 weight 100") { haproxy in
      let error = try await failure {
        try await haproxy.client.setWeights(
          [Self.set("s", 5), Self.set("s 1;set weight web/s", 6)], ifProcess: nil)
      }
      #expect(error.kind == .invalidName)
      #expect(try await haproxy.server("s", of: "web").currentWeight == 100)
      #expect(
        try await failure { try await haproxy.client.read(backends: ["web\nhelp"]) }.kind
          == .invalidName)
    }
  }

  @Test func `nothing to write needs no connection`() async throws {
    let client = RuntimeClient(
      address: .unix(path: "/nowhere/haproxy.sock"), group: MultiThreadedEventLoopGroup.singleton)
    #expect(try await client.setWeights([], ifProcess: nil) == [])
  }

  @Test func `weights that were meant for another process are not written`() async throws {
    try await RealHAProxy.run("backend web\n  server s 127.0.0.1:1 weight 100") { haproxy in
      var other = try await haproxy.client.read(backends: []).process.identity
      other.startTimeSeconds = 1
      let results = try await haproxy.client.setWeights(
        [Self.set("s", 5), Self.set("s", 6)], ifProcess: other)
      #expect(results == [.processChanged, .processChanged])
      #expect(try await haproxy.server("s", of: "web").currentWeight == 100)
    }
  }
}
