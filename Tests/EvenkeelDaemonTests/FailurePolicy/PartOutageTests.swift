import Balancing
import Control
import HAProxyTestSupport
import Testing

extension FailurePolicy {
  /// A cAdvisor that answers, and of whose answers a part is missing or cannot be.
  @Suite struct PartOutageTests {
    private static let servers = ["a", "b", "c"]
    private static let level = ["a": 0.5, "b": 0.5, "c": 0.5]
    private static let uneven = ["a": 0.8, "b": 0.2, "c": 0.5]

    @Test func `a container without a CPU figure is held for that, and the others go on`()
      async throws
    {
      try await RealHAProxy.run(RealHAProxy.sections(servers: Self.servers)) { haproxy in
        try await Stage.run(haproxy, machines: [Self.servers]) { stage in
          #expect(try await stage.twoTicks(Self.level, through: haproxy).events.isEmpty)
          stage.cadvisors[0].machine.change { $0["c"]?.hasCPU = false }
          let without = try await stage.tick(Self.uneven, through: haproxy)
          #expect(
            without.news
              == [.serverHolds("web", "c", .unmeasured("its samples have no CPU figure"))])
          #expect(without.changed == ["a", "b"])
          #expect(without.snapshot.endpoints.allSatisfy { $0.failure == nil })
          #expect(try await haproxy.weights(of: "web")["c"] == 100)
          stage.cadvisors[0].machine.change { $0["c"]?.hasCPU = true }
          let back = try await stage.tick(Self.level, through: haproxy)
          #expect(back.news == [.serverLive("web", "c")])
        }
      }
    }

    @Test func `limits that cannot be had at the start hold the servers, with cAdvisor's words`()
      async throws
    {
      try await RealHAProxy.run(RealHAProxy.sections()) { haproxy in
        try await Stage.run(haproxy) { stage in
          stage.cadvisors[0].turn(.racing)
          for _ in 0..<3 {
            let report = try await stage.tick(FailurePolicy.uneven, through: haproxy)
            #expect(report.snapshot.endpoints.allSatisfy { $0.failure == nil })
            let condition = try #require(report.status(of: "a")?.condition)
            let words = "its CPU limit is not known: status 500 (unable to find"
            #expect("\(condition)".hasPrefix(words))
            #expect(report.changed.isEmpty)
          }
          stage.cadvisors[0].turn(.well)
          _ = try await stage.twoTicks(FailurePolicy.uneven, through: haproxy)
          let weights = try await haproxy.weights(of: "web")
          #expect(try #require(weights["a"]) < (try #require(weights["b"])))
        }
      }
    }

    @Test(arguments: ["0", "-1", "\"many\"", "1000000"])
    func `on a host whose cores cannot be, servers go on by their quotas`(cores: String)
      async throws
    {
      try await RealHAProxy.run(RealHAProxy.sections()) { haproxy in
        try await Stage.run(haproxy) { stage in
          stage.cadvisors[0].machine.tellCores(cores)
          let report = try await stage.twoTicks(FailurePolicy.uneven, through: haproxy)
          guard
            case .answerIncomplete(_, part: "the host's cores", let reason, count: 1) =
              report.news.first
          else {
            Issue.record("\(report.news)")
            return
          }
          #expect(reason == "quotas alone count: its num_cores is missing or cannot be")
          #expect(report.status(of: "a")?.utilisation == Utilisation(0.8, of: .quota))
          let weights = try await haproxy.weights(of: "web")
          #expect(try #require(weights["a"]) < (try #require(weights["b"])))
        }
      }
    }
  }
}
