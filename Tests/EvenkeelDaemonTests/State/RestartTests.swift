import Balancing
import Control
import HAProxy
import HAProxyTestSupport
import TestSupport
import Testing

@testable import EvenkeelDaemon

/// What is learned outlasts a restart, shown on a real HAProxy.
@Suite(.timeLimit(.minutes(2))) struct RestartTests {
  private static let backends = #"[{"name": "web"}]"#
  /// CPU seconds that a request takes: `a` is to get a quarter of what `b` gets.
  private static let cost = ["a": 0.08, "b": 0.02]

  /// Sends requests, lets the containers have worked for them, and runs a tick.
  private static func tick(
    _ stage: inout Stage, _ haproxy: RealHAProxy, requests: Int
  ) async throws -> TickReport {
    let before = try await answered(haproxy)
    for _ in 0..<requests { try await haproxy.visit() }
    let after = try await answered(haproxy)
    var cores: [String: Double] = [:]
    for (server, cost) in cost {
      cores[server] = Double((after[server] ?? 0) - (before[server] ?? 0)) * cost / 10
    }
    return try await stage.tick(cores)
  }

  private static func answered(_ haproxy: RealHAProxy) async throws -> [String: Int] {
    var counts: [String: Int] = [:]
    for server in cost.keys {
      counts[server] = try await haproxy.server(server, of: "web").counters.responses
    }
    return counts
  }

  /// What a daemon learns until its weights are settled.
  private static func learn(_ haproxy: RealHAProxy) async throws -> LearnedFleet {
    var learned = LearnedFleet()
    try await Stage.run(haproxy, backends: backends) { stage in
      for _ in 0..<8 { _ = try await tick(&stage, haproxy, requests: 100) }
      learned = stage.learned
    }
    let weights = try await haproxy.weights(of: "web")
    let (a, b) = (Double(weights["a"] ?? 0), Double(weights["b"] ?? 0))
    #expect((3.2...4.8).contains(b / a), "\(weights)")
    return learned
  }

  /// The first weights that a run writes, and in which of its ticks; traffic is too thin to learn
  /// from.
  private static func firstWrite(
    _ haproxy: RealHAProxy, from learned: LearnedFleet
  ) async throws -> (tick: Int, weights: [String: Int])? {
    var found: (Int, [String: Int])?
    try await Stage.run(haproxy, backends: backends, learned: learned) { stage in
      for number in 1...4 where found == nil {
        let report = try await tick(&stage, haproxy, requests: 6)
        if !report.changed.isEmpty { found = (number, try await haproxy.weights(of: "web")) }
      }
    }
    return found
  }

  @Test func `after a restart the first weights come from what was learned and fresh samples`()
    async throws
  {
    try await RealHAProxy.run(RealHAProxy.sections()) { haproxy in
      let folder = try TemporaryFolder()
      let file = StateFile.learned(in: folder.path)
      try file.save(try await Self.learn(haproxy), now: .onWallClock)
      for server in Self.cost.keys {
        try await haproxy.command("set server web/\(server) weight 100")
      }
      let learned = try #require(try file.load(now: .onWallClock))
      // The first tick sees counters, the second their first rates.
      let first = try #require(try await Self.firstWrite(haproxy, from: learned))
      #expect(first.tick == 2)
      let (a, b) = (Double(first.weights["a"] ?? 0), Double(first.weights["b"] ?? 0))
      #expect((3.2...4.8).contains(b / a), "\(first.weights)")
      for server in Self.cost.keys {
        try await haproxy.command("set server web/\(server) weight 100")
      }
      // Without it nothing can be known from so few requests.
      #expect(try await Self.firstWrite(haproxy, from: LearnedFleet()) == nil)
    }
  }
}
