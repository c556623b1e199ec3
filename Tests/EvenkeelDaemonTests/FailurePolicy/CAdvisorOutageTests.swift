import Balancing
import Control
import HAProxyTestSupport
import Testing

extension FailurePolicy {
  /// A cAdvisor that gives no usable answer.
  @Suite struct CAdvisorOutageTests {
    struct Outage: Sendable, CustomTestStringConvertible {
      var mood: ScriptedCAdvisor.Mood?
      var kind: PortFailure.Kind
      var words: String
      /// Short where a deadline is waited for.
      var interval = "10s"

      var testDescription: String { mood.map { "\($0)" } ?? "refusing" }
    }

    @Test(arguments: [
      Outage(mood: nil, kind: .unreachable, words: "is cAdvisor running there"),
      Outage(mood: .silent, kind: .timedOut, words: "no answer within 1.5 s", interval: "3s"),
      Outage(mood: .trickling, kind: .timedOut, words: "no answer within 1.5 s", interval: "3s"),
      Outage(mood: .failing, kind: .refused, words: "status 500 (failed to get containers)"),
      Outage(mood: .babbling, kind: .garbled, words: "the reply is not cAdvisor's"),
      Outage(mood: .flooding, kind: .garbled, words: "the reply is too large"),
    ])
    func `the servers of a cAdvisor that fails are held, the others go on, and it is told once`(
      outage: Outage
    ) async throws {
      try await RealHAProxy.run(RealHAProxy.sections(servers: ["a", "b", "c", "d"])) { haproxy in
        try await Stage.run(
          haproxy, machines: [["a", "b"], ["c", "d"]], interval: outage.interval
        ) {
          stage in
          let level = ["a": 0.5, "b": 0.5, "c": 0.5, "d": 0.5]
          let uneven = ["a": 0.8, "b": 0.2, "c": 0.9, "d": 0.1]
          #expect(try await stage.twoTicks(level, through: haproxy).events.isEmpty)

          let failing = stage.cadvisors[1]
          if let mood = outage.mood { failing.turn(mood) } else { try await failing.stop() }
          // Rates are fresh for a minute.
          let lost = try await stage.tick(uneven, after: 70, through: haproxy)
          guard case .endpointLost(let name, let failure) = lost.events.first else {
            Issue.record("\(lost.events)")
            return
          }
          #expect(name.text == failing.url)
          #expect(failure.kind == outage.kind)
          #expect(failure.message.contains(outage.words), "\(failure)")
          #expect(
            lost.news.dropFirst() == [
              .serverHolds("web", "c", .held(.stale(ageSeconds: 70))),
              .serverHolds("web", "d", .held(.stale(ageSeconds: 70))),
            ])
          #expect(lost.changed == ["a", "b"])
          #expect(try await stage.tick(level, through: haproxy).events.isEmpty)
          let weights = try await haproxy.weights(of: "web")
          #expect(weights["c"] == 100 && weights["d"] == 100)

          failing.turn(.well)
          if outage.mood == nil { try await failing.start() }
          let back = try await stage.tick(level, through: haproxy)
          #expect(back.news.first == .endpointBack(name))
          #expect(
            Set(back.news.dropFirst()) == [.serverLive("web", "c"), .serverLive("web", "d")])
          #expect(failing.flooded < ScriptedCAdvisor.flood)
        }
      }
    }

    @Test func `a cAdvisor that is away for a tick costs its servers nothing`() async throws {
      try await RealHAProxy.run(RealHAProxy.sections()) { haproxy in
        try await Stage.run(haproxy) { stage in
          _ = try await stage.twoTicks(level, through: haproxy)
          stage.cadvisors[0].turn(.failing)
          let lost = try await stage.tick(uneven, through: haproxy)
          #expect(lost.events.count == 1)
          #expect(lost.status(of: "a")?.condition == .live)
          stage.cadvisors[0].turn(.well)
          // Its counters hold what was used meanwhile.
          let back = try await stage.tick(uneven, through: haproxy)
          #expect(back.status(of: "a")?.utilisation?.value == 0.8)
          #expect(back.changed == ["b"])
        }
      }
    }

    @Test func `when no cAdvisor answers for long, the whole backend is held`() async throws {
      try await RealHAProxy.run(RealHAProxy.sections()) { haproxy in
        try await Stage.run(haproxy) { stage in
          _ = try await stage.twoTicks(uneven, through: haproxy)
          let weights = try await haproxy.weights(of: "web")
          stage.cadvisors[0].turn(.failing)
          let lost = try await stage.tick(level, after: 70, through: haproxy)
          #expect(lost.changed.isEmpty)
          #expect(
            lost.events.contains(
              .backendHolds("web", .holding(.tooLittleFreshData(fresh: 0, up: 2)))))
          for _ in 0..<3 {
            #expect(try await stage.tick(level, through: haproxy).events.isEmpty)
          }
          #expect(try await haproxy.weights(of: "web") == weights)
        }
      }
    }
  }
}
