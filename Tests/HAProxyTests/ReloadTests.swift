import HAProxy
import HAProxyTestSupport
import Testing

/// What becomes of a conversation when HAProxy is reloaded under it.
@Suite(.serialized) struct ReloadTests {
  private static let sections = "backend web\n  server s 127.0.0.1:1 weight 100"

  @Test func `a reload is seen by the identity, and the weight is the initial one again`()
    async throws
  {
    try await RealHAProxy.run(Self.sections, style: .masterWorker) { haproxy in
      let assignment = WeightAssignment(backend: "web", server: "s", weight: 33)
      let old = try await haproxy.client.read(backends: []).process.identity
      #expect(try await haproxy.client.setWeights([assignment], ifProcess: old) == [.written])
      #expect(try await haproxy.server("s", of: "web").currentWeight == 33)

      try await haproxy.reload(Self.sections)
      let new = try await haproxy.client.read(backends: []).process.identity
      #expect(new != old)
      #expect(try await haproxy.server("s", of: "web").currentWeight == 100)

      #expect(
        try await haproxy.client.setWeights([assignment], ifProcess: old) == [.processChanged])
      #expect(try await haproxy.server("s", of: "web").currentWeight == 100)
      #expect(try await haproxy.client.setWeights([assignment], ifProcess: new) == [.written])
      #expect(try await haproxy.server("s", of: "web").currentWeight == 33)
    }
  }

  @Test func `a connection from before a reload takes no weights`() async throws {
    try await RealHAProxy.run(Self.sections, style: .masterWorker) { haproxy in
      let address = haproxy.address("admin.sock")
      let command = RuntimeCommand.setWeight(
        of: try ProxyName("s", at: address), in: try ProxyName("web", at: address), to: 5)
      let old = try await haproxy.client.read(backends: []).process.identity
      try await haproxy.withSession { session throws(RuntimeError) in
        // Nothing has been asked on this connection yet, so the old process must wait for it.
        #expect(try await session.processInfo().identity == old)
        await #expect(throws: Never.self) { try await haproxy.reload(Self.sections) }
        #expect(try await session.processInfo().isStopping)
        #expect(try await session.ask(command) == WeightResult.proxyDisabledReply)
        #expect(try await session.setWeights([command], ifProcess: old) == [.processChanged])
      }
      #expect(try await haproxy.server("s", of: "web").currentWeight == 100)
    }
  }

  @Test func `the master's socket is known, before and after a reload that failed`() async throws {
    try await RealHAProxy.run(Self.sections, style: .masterWorker) { haproxy in
      let master = haproxy.client("master.sock")
      let error = try await failure { try await master.read(backends: ["web"]) }
      #expect(error.kind == .masterSocket)
      #expect(error.description.contains("`stats socket … level admin` instead"))
      try haproxy.failToReload()
      try await eventually("the master tells of the failed reload") {
        try await haproxy.masterSays("show proc").contains("[failed: 1]")
      }
      #expect(
        try await failure { try await master.accessLevel() }.kind == .masterSocket)
    }
  }
}
