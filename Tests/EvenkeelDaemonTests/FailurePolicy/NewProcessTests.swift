import Balancing
import Control
import HAProxy
import HAProxyTestSupport
import Testing

extension FailurePolicy {
  /// HAProxy reloaded or restarted.
  @Suite struct NewProcessTests {
    @Test func `after a reload the learned weights are back at the next tick`() async throws {
      let sections = RealHAProxy.sections()
      try await RealHAProxy.run(sections, style: .masterWorker) { haproxy in
        try await Stage.run(haproxy) { stage in
          _ = try await stage.twoTicks(uneven, through: haproxy)
          let learned = try await haproxy.weights(of: "web")
          try await haproxy.reload(sections)
          #expect(try await haproxy.weights(of: "web") == initial)
          let report = try await stage.tick(level, through: haproxy)
          #expect(report.news == [.balancerReloaded("lb1")])
          #expect(report.changed == ["b"])
          #expect(try await haproxy.weights(of: "web") == learned)
          #expect(try await stage.tick(level, through: haproxy).events.isEmpty)
        }
      }
    }

    @Test func `a reload is known by the process, even when its weights are the learned ones`()
      async throws
    {
      try await RealHAProxy.run(RealHAProxy.sections(), style: .masterWorker) { haproxy in
        try await Stage.run(haproxy) { stage in
          _ = try await stage.twoTicks(uneven, through: haproxy)
          let learned = try await haproxy.weights(of: "web")
          var sections = RealHAProxy.sections()
          for (server, weight) in learned {
            sections.replace(
              "server \(server) unix@app.sock weight 100",
              with: "server \(server) unix@app.sock weight \(weight)")
          }
          try await haproxy.reload(sections)
          #expect(try await haproxy.weights(of: "web") == learned)
          let report = try await stage.tick(level, through: haproxy)
          #expect(report.events == [.balancerReloaded("lb1")])
        }
      }
    }

    @Test func `a reload between reading and writing leaves the old process and the new one alone`()
      async throws
    {
      let sections = RealHAProxy.sections()
      try await RealHAProxy.run(sections, style: .masterWorker) { haproxy in
        let web = try ProxyName("web", at: haproxy.address("admin.sock"))
        try await haproxy.withSession { session throws(RuntimeError) in
          // The old process must wait for a conversation that has begun.
          let old = try await session.processInfo().identity
          await #expect(throws: Never.self) {
            try await Stage.run(
              haproxy, wrap: { Interruption($0) { try await haproxy.reload(sections) } }
            ) { stage in
              let interrupted = try await stage.twoTicks(uneven, through: haproxy)
              #expect(interrupted.events.isEmpty)
              #expect(try await haproxy.weights(of: "web") == initial)
              let next = try await stage.tick(uneven, through: haproxy)
              #expect(next.news == [.balancerReloaded("lb1")])
              #expect(next.changed == ["b"])
            }
          }
          let process = try await session.processInfo()
          #expect(process.isStopping && process.identity == old)
          let state = try await session.ask(.showServersState(of: web))
          let rows = try session.parse(.showServersState(of: web)) { () throws(MalformedReply) in
            try Table(serversState: state).rows
          }
          #expect(rows.map { $0["srv_uweight"] } == ["100", "100"])
        }
      }
    }

    @Test func `a HAProxy that is stopped and started again gets the learned weights at once`()
      async throws
    {
      try await withTemporaryFolder { folder in
        try await Stage.run(
          balancers: #"[{"name": "lb1", "address": "unix:\#(folder)/admin.sock"}]"#
        ) { stage in
          let learned = try await RealHAProxy.run(RealHAProxy.sections(), in: folder) { haproxy in
            _ = try await stage.twoTicks(uneven, through: haproxy)
            return try await haproxy.weights(of: "web")
          }
          let lost = try await stage.tick(level)
          guard case .balancerLost("lb1", let failure) = lost.events.first else {
            Issue.record("\(lost.events)")
            return
          }
          #expect(failure.message.contains("nobody listens here; check that HAProxy runs"))
          #expect(try await stage.tick(level).events.isEmpty)
          try await RealHAProxy.run(RealHAProxy.sections(), in: folder) { haproxy in
            #expect(try await haproxy.weights(of: "web") == initial)
            let back = try await stage.tick(level, through: haproxy)
            #expect(
              back.news
                == [.balancerBack("lb1"), .balancerReloaded("lb1"), .backendSteers("web")])
            #expect(try await haproxy.weights(of: "web") == learned)
          }
        }
      }
    }
  }
}
