import HAProxy
import HAProxyTestSupport
import NIOCore
import NIOPosix
import Testing

/// What the client does when HAProxy takes connections and does not answer.
@Suite(.serialized) struct SilenceTests {
  private static let sections = "backend web\n  server s 127.0.0.1:1 weight 100"

  @Test func `a HAProxy that hangs is given up at the deadline and read again when it is back`()
    async throws
  {
    try await RealHAProxy.run(Self.sections) { haproxy in
      let client = haproxy.client
      haproxy.freeze()
      let error = try await failure {
        try await cancelling(after: .milliseconds(300)) { try await client.read(backends: ["web"]) }
      }
      #expect(error.kind == .cancelled)
      haproxy.thaw()
      #expect(try await client.read(backends: ["web"]).backends.count == 1)
    }
  }

  @Test func `a HAProxy whose places are all taken is given up at the deadline`() async throws {
    try await RealHAProxy.run(Self.sections) { haproxy in
      let client = haproxy.client
      try await IdleConnections.hold(atMost: 10, to: haproxy.path("admin.sock")) { held in
        #expect(held.count == 10)
        let error = try await failure {
          try await cancelling(after: .milliseconds(300)) {
            try await client.read(backends: ["web"])
          }
        }
        #expect(error.kind == .cancelled)
      }
      #expect(try await client.read(backends: ["web"]).backends.count == 1)
    }
  }

  @Test func `a full queue of waiting connections is told at once`() async throws {
    try await RealHAProxy.run(Self.sections) { haproxy in
      haproxy.freeze()
      try await IdleConnections.hold(atMost: 10_000, to: haproxy.path("admin.sock")) { held in
        #expect(held.count < 10_000)
        let error = try await failure { try await haproxy.client.read(backends: ["web"]) }
        #expect(error.kind == .backlogFull)
      }
      haproxy.thaw()
      try await eventually("the queue is worked off") {
        try await haproxy.client.read(backends: ["web"]).backends.count == 1
      }
    }
  }

  @Test func `a write to a HAProxy that hangs is given up at the deadline`() async throws {
    try await RealHAProxy.run(Self.sections) { haproxy in
      let client = haproxy.client
      haproxy.freeze()
      let error = try await failure {
        try await cancelling(after: .milliseconds(300)) {
          try await client.setWeights(
            [WeightAssignment(backend: "web", server: "s", weight: 5)], ifProcess: nil)
        }
      }
      #expect(error.kind == .cancelled)
      haproxy.thaw()
      // Only `prompt` had been sent.
      #expect(try await haproxy.server("s", of: "web").currentWeight == 100)
    }
  }

  @Test func `a task that is cancelled already asks nothing`() async throws {
    try await ScriptedHAProxy.run({ _, _ in .silence }) { socket in
      let kind = await withTaskGroup(of: RuntimeError.Kind?.self) { group in
        group.cancelAll()
        group.addTask { [path = socket.path] in
          do throws(RuntimeError) {
            _ = try await RuntimeClient(
              address: .unix(path: path), group: MultiThreadedEventLoopGroup.singleton
            ).read(backends: [])
            return nil
          } catch {
            return error.kind
          }
        }
        return await group.next() ?? nil
      }
      #expect(kind == .cancelled)
      #expect(socket.lines == [])
    }
  }

  @Test func `the deadline holds while a connection is being established`() async throws {
    try await CrowdedPort.run { address in
      let client = RuntimeClient(
        address: address, group: MultiThreadedEventLoopGroup.singleton,
        connectTimeout: .seconds(3600))
      let error = try await failure {
        try await cancelling(after: .milliseconds(100)) { try await client.read(backends: []) }
      }
      #expect(error.kind == .cancelled)
    }
  }

  @Test func `a connection that is not established in time is an error of its own`() async throws {
    try await CrowdedPort.run { address in
      let client = RuntimeClient(
        address: address, group: MultiThreadedEventLoopGroup.singleton,
        connectTimeout: .milliseconds(100))
      let error = try await failure { try await client.read(backends: []) }
      #expect(error.kind == .timedOut)
    }
  }
}
