import Balancing
import Control
import HAProxy
import HAProxyTestSupport
import Testing

extension FailurePolicy {
  /// Servers whose weights are not evenkeel's to change, for now or at all.
  @Suite struct HeldServerTests {
    struct Case: Sendable, CustomTestStringConvertible {
      var testDescription: String
      var sections = RealHAProxy.sections(servers: ["a", "b", "c"])
      var commands: [String] = []
      var state: ServerState
      var weight = 100
    }

    private static func configured(_ options: String) -> String {
      RealHAProxy.sections(servers: ["a", "b", "c"], serverOptions: ["c": options])
    }

    static let heldBack = [
      Case(testDescription: "drain", commands: ["set server web/c state drain"], state: .drain),
      Case(
        testDescription: "maint", commands: ["set server web/c state maint"], state: .maintenance),
      Case(testDescription: "disabled", sections: configured("disabled"), state: .maintenance),
      Case(
        testDescription: "weight 0 by command", commands: ["set weight web/c 0"],
        state: .zeroWeight, weight: 0),
      Case(
        testDescription: "slowstart", sections: configured("slowstart 60s"),
        commands: ["set server web/c state maint", "set server web/c state ready"],
        state: .ramping),
      Case(
        testDescription: "slot without an address",
        sections: RealHAProxy.sections(
          more: """
              server c name.invalid:80 weight 100 init-addr none resolvers none
            resolvers none
              nameserver none 127.0.0.1:1
            """), state: .unresolved),
      Case(testDescription: "backup", sections: configured("backup"), state: .backup),
    ]

    @Test(arguments: heldBack)
    func `a server that HAProxy itself holds back is never written, and the others are levelled`(
      held: Case
    ) async throws {
      try await RealHAProxy.run(held.sections) { haproxy in
        for command in held.commands { try await haproxy.command(command) }
        try await Stage.run(haproxy, machines: [["a", "b", "c"]]) { stage in
          var load = uneven
          load["c"] = 0.1
          let report = try await stage.twoTicks(load, through: haproxy)
          // Beside a server that goes on with its weight there is no free scale.
          #expect(report.changed == (held.state == .ramping ? ["a", "b"] : ["b"]))
          #expect(report.news == [.serverHolds("web", "c", .held(.state(held.state)))])
          #expect(try await haproxy.weights(of: "web")["c"] == held.weight)
        }
      }
    }

    @Test func `a backend that is only observed is never written, and shows what would be`()
      async throws
    {
      try await RealHAProxy.run(RealHAProxy.sections()) { haproxy in
        let observed = #"[{"name": "web", "strategy": "halfway", "mode": "observe"}]"#
        try await Stage.run(haproxy, backends: observed) { stage in
          let report = try await stage.twoTicks(uneven, through: haproxy)
          #expect(report.events.isEmpty)
          #expect(report.snapshot.backends.first?.changes.map(\.server) == ["b"])
          #expect(try await haproxy.weights(of: "web") == initial)
        }
      }
    }

    @Test func `a server that is deleted meanwhile is no alarm, and the others are written`()
      async throws
    {
      // Without a pool no idle connection keeps the server from being deleted.
      let sections = RealHAProxy.sections(
        servers: ["a", "b", "c"], serverOptions: ["c": "pool-max-conn 0"])
      try await RealHAProxy.run(sections) { haproxy in
        let delete: @Sendable () async throws -> Void = {
          try await haproxy.command("set server web/c state maint")
          let reply = try await OneExchange.say(
            "del server web/c\n", to: haproxy.path("admin.sock"))
          #expect(reply.contains("Server deleted."))
        }
        try await Stage.run(
          haproxy, machines: [["a", "b", "c"]], wrap: { Interruption($0, delete) }
        ) { stage in
          let load = ["a": 0.8, "b": 0.2, "c": 0.2]
          let report = try await stage.twoTicks(load, through: haproxy)
          #expect(report.news.isEmpty)
          #expect(report.changed == ["a"])
          #expect(try await haproxy.weights(of: "web").keys.sorted() == ["a", "b"])
          #expect(try await stage.tick(load, through: haproxy).events.isEmpty)
        }
      }
    }

    @Test(arguments: BackendSettings.StrategyKind.allCases)
    func `counters that are cleared make no negative demand`(
      strategy: BackendSettings.StrategyKind
    ) async throws {
      try await RealHAProxy.run(RealHAProxy.sections()) { haproxy in
        try await Stage.run(
          haproxy, backends: #"[{"name": "web", "strategy": "\#(strategy.rawValue)"}]"#
        ) { stage in
          for _ in 0..<10 { try await haproxy.visit() }
          _ = try await stage.twoTicks(level, through: haproxy)
          try await haproxy.command("clear counters all")
          var demands: [Double?] = []
          for _ in 0..<3 {
            let report = try await stage.tick(level, through: haproxy)
            demands.append(report.snapshot.backends.first?.demandPerSecond)
            for server in ["a", "b"] as [ServerName] {
              #expect(report.status(of: server)?.requestsPerSecond ?? 0 >= 0)
            }
            #expect(report.changed.isEmpty)
          }
          #expect(demands.allSatisfy { $0 ?? 0 >= 0 }, "\(demands)")
          #expect(try #require(demands.last ?? nil) > 0)
        }
      }
    }
  }
}
