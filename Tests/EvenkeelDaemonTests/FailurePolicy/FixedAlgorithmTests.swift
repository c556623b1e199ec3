import Balancing
import Control
import HAProxyTestSupport
import Testing

extension FailurePolicy {
  /// Backends whose algorithm takes no weights.
  @Suite struct FixedAlgorithmTests {
    @Test func `a static algorithm is found out and told once, and nothing is written`()
      async throws
    {
      try await RealHAProxy.run(RealHAProxy.sections(options: "balance static-rr")) { haproxy in
        try await Stage.run(haproxy) { stage in
          let report = try await stage.twoTicks(uneven, through: haproxy)
          #expect(report.events == [.algorithmIsFixed("web", "lb1", algorithm: "static-rr")])
          #expect(report.events.first?.description.contains("use roundrobin") == true)
          #expect(try await stage.tick(uneven, through: haproxy).events.isEmpty)
          #expect(try await haproxy.weights(of: "web") == initial)
        }
      }
    }

    @Test func `a hash that is not consistent is found out by its refusal, and told once`()
      async throws
    {
      let sections = RealHAProxy.sections(options: "balance source\n  hash-type map-based")
      try await RealHAProxy.run(sections) { haproxy in
        try await Stage.run(haproxy) { stage in
          let tried = try await stage.twoTicks(uneven, through: haproxy)
          #expect(tried.events.isEmpty)
          let refused = try await stage.tick(uneven, through: haproxy)
          #expect(refused.events == [.algorithmIsFixed("web", "lb1", algorithm: "source")])
          #expect(try await stage.tick(uneven, through: haproxy).events.isEmpty)
          #expect(try await haproxy.weights(of: "web") == initial)
        }
      }
    }

    @Test func `a consistent hash is steered`() async throws {
      let sections = RealHAProxy.sections(options: "balance source\n  hash-type consistent")
      try await RealHAProxy.run(sections) { haproxy in
        try await Stage.run(haproxy) { stage in
          let report = try await stage.twoTicks(uneven, through: haproxy)
          #expect(report.news.isEmpty)
          #expect(report.changed == ["b"])
        }
      }
    }

    @Test func `one backend that refuses does not keep another from being written`() async throws {
      let sections = RealHAProxy.sections(
        more: """
          frontend second
            bind unix@second.sock
            default_backend refusing
          backend refusing
            balance source
            hash-type map-based
            server a unix@app.sock weight 100
            server b unix@app.sock weight 100
          """)
      try await RealHAProxy.run(sections) { haproxy in
        let both = """
          [{"name": "refusing", "strategy": "halfway"}, {"name": "web", "strategy": "halfway"}]
          """
        try await Stage.run(haproxy, backends: both) { stage in
          _ = try await stage.tick(uneven, through: haproxy)
          try await haproxy.visit("second.sock")
          let report = try await stage.tick(uneven, through: haproxy)
          #expect(report.news == [.backendSteers("refusing"), .backendSteers("web")])
          #expect(report.changed == ["b"])
          #expect(try await haproxy.weights(of: "web") != initial)
          #expect(try await haproxy.weights(of: "refusing") == initial)
        }
      }
    }
  }
}
