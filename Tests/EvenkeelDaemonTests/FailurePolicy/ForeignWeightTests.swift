import Balancing
import Control
import HAProxy
import HAProxyTestSupport
import Testing

extension FailurePolicy {
  /// Weights that somebody else writes.
  @Suite struct ForeignWeightTests {
    @Test func `a weight that an operator sets is left alone for ten minutes, and then steered on`()
      async throws
    {
      try await RealHAProxy.run(RealHAProxy.sections()) { haproxy in
        try await Stage.run(haproxy) { stage in
          _ = try await stage.twoTicks(uneven, through: haproxy)
          let before = try await haproxy.server("a", of: "web").currentWeight
          try await haproxy.command("set weight web/a 33")
          let seen = try await stage.tick(uneven, through: haproxy)
          #expect(
            seen.news.contains(
              .leftToHand(
                "web", "a", "lb1", from: Weight(clamping: before), to: Weight(clamping: 33),
                seconds: 600)))
          #expect(seen.status(of: "a")?.condition == .setByHand(secondsLeft: 600))
          for _ in 1..<60 {
            let later = try await stage.tick(uneven, through: haproxy)
            #expect(!later.changed.contains("a"))
          }
          #expect(try await haproxy.server("a", of: "web").currentWeight == 33)
          let over = try await stage.tick(uneven, through: haproxy)
          #expect(over.events.contains(.serverLive("web", "a")))
          let next = try await stage.tick(uneven, through: haproxy)
          #expect(over.changed.union(next.changed).contains("a"))
        }
      }
    }

    @Test func `where nothing is respected, an operator's weight is where evenkeel goes on from`()
      async throws
    {
      try await RealHAProxy.run(RealHAProxy.sections()) { haproxy in
        try await Stage.run(haproxy, backends: Stage.disrespectful) { stage in
          _ = try await stage.twoTicks(uneven, through: haproxy)
          let before = try await haproxy.server("a", of: "web").currentWeight
          try await haproxy.command("set weight web/a 33")
          let seen = try await stage.tick(level, through: haproxy)
          #expect(
            seen.events == [
              .changedByOthers(
                "web", "a", "lb1", from: Weight(clamping: before), to: Weight(clamping: 33))
            ])
          #expect(try await stage.tick(level, through: haproxy).events.isEmpty)
          #expect(try await haproxy.server("a", of: "web").currentWeight == 33)
          // It is steered on from there.
          #expect(try await stage.tick(uneven, through: haproxy).changed == ["a"])
        }
      }
    }

    @Test func `a weight that somebody keeps changing is contested, and left to them`()
      async throws
    {
      try await RealHAProxy.run(RealHAProxy.sections()) { haproxy in
        try await Stage.run(haproxy) { stage in
          _ = try await stage.twoTicks(uneven, through: haproxy)
          try await haproxy.command("set weight web/a 33")
          _ = try await stage.tick(uneven, through: haproxy)
          try await haproxy.command("set weight web/a 44")
          let contested = try await stage.tick(uneven, through: haproxy)
          #expect(contested.events.contains(.contested("web", "a", "lb1", .somebodyElse)))
          #expect(!contested.changed.contains("a"))
          for _ in 0..<3 {
            let later = try await stage.tick(uneven, through: haproxy)
            #expect(later.news.isEmpty)
            #expect(!later.changed.contains("a"))
          }
          #expect(try await haproxy.server("a", of: "web").currentWeight == 44)
        }
      }
    }

    @Test func `at the end evenkeel gives back its own weights, and leaves an operator's`()
      async throws
    {
      try await RealHAProxy.run(RealHAProxy.sections()) { haproxy in
        try await Stage.run(haproxy) { stage in
          _ = try await stage.twoTicks(uneven, through: haproxy)
          try await haproxy.command("set weight web/a 33")
          _ = try await stage.tick(level, through: haproxy)
          #expect(await stage.giveBackWeights().count == 1)
          #expect(try await haproxy.weights(of: "web") == ["a": 33, "b": 100])
        }
      }
    }

    @Test func `an agent that reports percentages keeps its server, and is told of once`()
      async throws
    {
      try await Agent.run(saying: "up 50%\n") { agent in
        let sections = RealHAProxy.sections(serverOptions: [
          "a": "agent-check agent-port \(agent.port) agent-addr 127.0.0.1 agent-inter 50ms"
        ])
        try await RealHAProxy.run(sections) { haproxy in
          @Sendable func agentHasSpoken() async throws {
            try await eventually("the agent sets its weight") {
              try await haproxy.server("a", of: "web").currentWeight == 50
            }
          }
          try await agentHasSpoken()
          try await Stage.run(haproxy) { stage in
            var events: [ControlEvent] = []
            for _ in 0..<8 {
              events += try await stage.tick(uneven, through: haproxy).events
              try await agentHasSpoken()
            }
            let contests = events.filter { if case .contested = $0 { true } else { false } }
            #expect(contests == [.contested("web", "a", "lb1", .agentCheck)])
            #expect(
              contests.first?.description.contains("let the agent report no percentage") == true)
            let held = try await stage.tick(uneven, through: haproxy)
            #expect(held.status(of: "a")?.condition == .contested(.agentCheck))
            #expect(!held.changed.contains("a"))
            #expect(!held.events.contains { $0 == contests.first })
          }
        }
      }
    }
  }
}
