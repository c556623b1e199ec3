import Balancing
import Control
import HAProxy
import HAProxyTestSupport
import Testing

extension FailurePolicy {
  /// What somebody wants left alone, with a real HAProxy.
  @Suite struct BrakeTests {
    @Test func `a paused backend is watched and never written, until the pause is over`()
      async throws
    {
      try await RealHAProxy.run(RealHAProxy.sections()) { haproxy in
        try await Stage.run(haproxy) { stage in
          _ = stage.pause(.backend("web"), forSeconds: 45)
          for _ in 0..<4 {
            let report = try await stage.tick(uneven, through: haproxy)
            #expect(report.changed.isEmpty)
            #expect(report.snapshot.brake.pause(of: "web")?.by == "root")
          }
          #expect(try await haproxy.weights(of: "web") == initial)
          let over = try await stage.tick(uneven, through: haproxy)
          #expect(over.events.contains(.resumed(.backend("web"), by: nil)))
          #expect(!over.changed.isEmpty)
          #expect(try await haproxy.weights(of: "web") != initial)
        }
      }
    }

    @Test func `what is written by hand meanwhile is nobody's contest`() async throws {
      try await RealHAProxy.run(RealHAProxy.sections()) { haproxy in
        try await Stage.run(haproxy) { stage in
          _ = try await stage.twoTicks(uneven, through: haproxy)
          _ = stage.pause(.all)
          for weight in [20, 30, 40] {
            try await haproxy.command("set weight web/a \(weight)")
            let report = try await stage.tick(uneven, through: haproxy)
            #expect(!report.events.contains { if case .contested = $0 { true } else { false } })
            #expect(report.changed.isEmpty)
          }
          #expect(stage.resume(.all) == [.resumed(.all, by: "root")])
          _ = try await stage.tick(uneven, through: haproxy)
          _ = try await stage.tick(uneven, through: haproxy)
          // It is steered on from there.
          #expect(try await haproxy.server("a", of: "web").currentWeight != 40)
        }
      }
    }

    @Test func `one server is left alone, and the others are steered around it`() async throws {
      try await RealHAProxy.run(RealHAProxy.sections()) { haproxy in
        try await Stage.run(haproxy) { stage in
          _ = stage.pause(.server("web", "a"))
          let report = try await stage.twoTicks(uneven, through: haproxy)
          #expect(report.status(of: "a")?.condition == .paused)
          #expect(!report.changed.contains("a"))
          #expect(try await haproxy.server("a", of: "web").currentWeight == 100)
          #expect(stage.resume(.backend("web")) == [.resumed(.server("web", "a"), by: "root")])
        }
      }
    }

    @Test func `a server that the configuration holds is never written, whoever else writes it`()
      async throws
    {
      let backends = #"[{"name": "web", "strategy": "halfway", "hold": ["b"]}]"#
      try await RealHAProxy.run(RealHAProxy.sections()) { haproxy in
        try await Stage.run(haproxy, backends: backends) { stage in
          let first = try await stage.twoTicks(uneven, through: haproxy)
          #expect(first.status(of: "b")?.condition == .configured)
          #expect(!first.changed.contains("b"))
          for weight in [20, 30, 40] {
            try await haproxy.command("set weight web/b \(weight)")
            let report = try await stage.tick(uneven, through: haproxy)
            #expect(!report.changed.contains("b"))
            #expect(!report.events.contains { if case .contested = $0 { true } else { false } })
          }
          #expect(try await haproxy.server("b", of: "web").currentWeight == 40)
        }
      }
    }

    @Test func `HAProxy's own weights are put back, and stay`() async throws {
      try await RealHAProxy.run(RealHAProxy.sections()) { haproxy in
        try await Stage.run(haproxy) { stage in
          _ = try await stage.twoTicks(uneven, through: haproxy)
          // Whoever wrote it: what is asked for is HAProxy's own.
          try await haproxy.command("set weight web/a 33")
          #expect(try await haproxy.weights(of: "web") != initial)
          let restoration = await stage.restore(.backend("web"))
          #expect(restoration.written == restoration.wanted && restoration.wanted == 2)
          #expect(restoration.failures.isEmpty)
          #expect(try await haproxy.weights(of: "web") == initial)
          for _ in 0..<3 {
            #expect(try await stage.tick(uneven, through: haproxy).changed.isEmpty)
          }
          #expect(try await haproxy.weights(of: "web") == initial)
          _ = stage.resume(.backend("web"))
          _ = try await stage.tick(uneven, through: haproxy)
          #expect(try await haproxy.weights(of: "web") != initial)
        }
      }
    }
  }
}
