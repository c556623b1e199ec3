import Balancing
import Control
import HAProxyTestSupport
import Testing

extension FailurePolicy {
  /// Containers that come, go and begin anew.
  @Suite struct ContainerChangeTests {
    private static let level = ["a": 0.5, "b": 0.5, "c": 0.5]
    private static let uneven = ["a": 0.8, "b": 0.2, "c": 0.5]
    private static let lostSight = ControlEvent.serverHolds(
      "web", "c", .unmeasured("its source answers, and knows no container any more"))

    private static func run(_ body: (inout Stage, RealHAProxy) async throws -> Void) async throws {
      try await RealHAProxy.run(RealHAProxy.sections(servers: ["a", "b", "c"])) { haproxy in
        try await Stage.run(haproxy, machines: [["a", "b"], ["c"]]) { stage in
          #expect(try await stage.twoTicks(level, through: haproxy).events.isEmpty)
          try await body(&stage, haproxy)
        }
      }
    }

    @Test func `the server of a container that is removed is held until there is one again`()
      async throws
    {
      try await Self.run { stage, haproxy in
        stage.cadvisors[1].machine.change { $0["c"] = nil }
        let gone = try await stage.tick(Self.uneven, through: haproxy)
        #expect(gone.news.last == Self.lostSight)
        #expect(gone.changed == ["a", "b"])
        #expect(try await stage.tick(Self.level, through: haproxy).events.isEmpty)
        stage.cadvisors[1].machine.change { $0["c"] = .init(id: "/docker/c-2") }
        _ = try await stage.tick(Self.level, through: haproxy)
        let back = try await stage.tick(Self.level, through: haproxy)
        #expect(back.news == [.serverLive("web", "c")])
        #expect(try await haproxy.weights(of: "web")["c"] == 100)
      }
    }

    @Test func `a container that is a new one under its name is held until it has a rate again`()
      async throws
    {
      try await Self.run { stage, haproxy in
        stage.cadvisors[1].machine.change { $0["c"] = .init(id: "/docker/c-2") }
        let anew = try await stage.tick(
          ["a": 0.8, "b": 0.2, "c": 0.1], through: haproxy)
        #expect(anew.status(of: "c")?.condition == .held(.noRate))
        #expect(anew.status(of: "c")?.utilisation == nil)
        #expect(anew.changed == ["a", "b"])
        #expect(anew.news.isEmpty)
        let later = try await stage.tick(Self.level, through: haproxy)
        #expect(later.status(of: "c")?.condition == .live)
        #expect(later.status(of: "c")?.utilisation?.value == 0.5)
        #expect(later.news.isEmpty)
      }
    }

    /// A counter that fell may have begun anew or be one bad reading: the next one tells.
    @Test func `a counter that falls waits for its successor, and its server goes on meanwhile`()
      async throws
    {
      try await Self.run { stage, haproxy in
        stage.cadvisors[1].machine.change { $0["c"] = .init(id: "/docker/c-1") }
        let fell = try await stage.tick(
          ["a": 0.5, "b": 0.5, "c": 0.1], through: haproxy)
        #expect(fell.status(of: "c")?.condition == .live)
        #expect(fell.status(of: "c")?.utilisation?.value == 0.5)
        #expect(fell.news.isEmpty)
        let later = try await stage.tick(["a": 0.5, "b": 0.5, "c": 0.3], through: haproxy)
        #expect(later.status(of: "c")?.condition == .live)
        let use = try #require(later.status(of: "c")?.utilisation?.value)
        #expect(abs(use - 0.3) < 1e-6)
        #expect(later.news.isEmpty)
      }
    }

    @Test func `the servers of a cAdvisor that no longer sees Docker are held`() async throws {
      try await Self.run { stage, haproxy in
        stage.cadvisors[1].turn(.blind)
        let blind = try await stage.tick(Self.uneven, through: haproxy)
        guard case .answerIncomplete(_, part: "containers", let reason, count: 1) = blind.news.first
        else {
          Issue.record("\(blind.news)")
          return
        }
        #expect(reason.contains("Docker 29 or later needs cAdvisor 0.57 or later"))
        #expect(blind.news.dropFirst() == [Self.lostSight])
        #expect(blind.changed == ["a", "b"])
        #expect(try await stage.tick(Self.level, through: haproxy).events.isEmpty)
        #expect(try await haproxy.weights(of: "web")["c"] == 100)
        stage.cadvisors[1].turn(.well)
        // It is the same container: its rate is taken over the gap.
        let back = try await stage.tick(Self.level, through: haproxy)
        #expect(back.news == [.serverLive("web", "c")])
      }
    }
  }
}
