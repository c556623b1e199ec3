import Balancing
import Testing

@testable import Simulation

/// `balance random(n)` as HAProxy has it.
@Suite struct RandomBalancingTests {
  private func balancer(
    draws: Int, ties: BalancerModel.Ties = .latest, weights: [Int], maxConnections: Int? = nil
  ) -> SimulatedBalancer {
    var model = BalancerModel()
    model.algorithm = .random
    model.draws = draws
    model.ties = ties
    let servers = weights.enumerated().map { index, weight in
      var server = ServerModel(name: ServerName("s\(index + 1)"), host: "h1")
      server.weight = Weight(clamping: weight)
      server.maxConnections = maxConnections
      return server
    }
    return SimulatedBalancer(model, servers: servers, SeededRandom(seed: 3))
  }

  /// How many of so many requests each server gets when each is answered at once.
  private func counts(_ balancer: SimulatedBalancer, requests: Int) -> [Int] {
    var balancer = balancer
    for request in 0..<requests {
      let now = Double(request) / 1000
      guard let server = balancer.choose(at: now) else { continue }
      balancer.slots[server].counters.arrived += 1
      balancer.began(on: server, at: now)
      balancer.ended(on: server)
    }
    return balancer.slots.map(\.counters.arrived)
  }

  @Test(arguments: [1, 2, 4])
  func `servers that are idle get requests by their weights`(draws: Int) {
    let counts = counts(balancer(draws: draws, weights: [50, 150, 0]), requests: 20_000)
    #expect(abs(Double(counts[0]) / 20_000 - 0.25) < 0.02)
    #expect(counts[2] == 0)
  }

  @Test func `of those that are drawn the one with the fewest requests for its weight is taken`() {
    var balancer = balancer(draws: 100, weights: [100, 200, 100])
    for server in [0, 1, 1, 2, 2] { balancer.began(on: server, at: 0) }
    // 1 for 100, 2 for 200, 2 for 100: never the third.
    let chosen = (0..<200).compactMap { _ in balancer.choose(at: 0) }
    #expect(chosen.count == 200)
    #expect(!chosen.contains(2))
    balancer.ended(on: 1)
    #expect((0..<200).allSatisfy { _ in balancer.choose(at: 0) == 1 })
  }

  @Test func `ties by rate keep the counts together, and ties by the last draw do not`() {
    func difference(_ ties: BalancerModel.Ties) -> Int {
      let counts = counts(balancer(draws: 2, ties: ties, weights: [100, 100]), requests: 20_000)
      return abs(counts[0] - counts[1])
    }
    #expect(difference(.rate) < 20)
    #expect(difference(.latest) > 20)
  }

  @Test func `the rate is of the last second, and fades`() {
    var rate = RequestRate()
    for tenth in 0..<10 { rate.count(at: 5 + Double(tenth) / 10) }
    #expect(rate.value(at: 5.95) == 10)
    #expect(abs(rate.value(at: 6.25) - 7.5) < 1e-9)
    #expect(rate.value(at: 7.5) == 0)
  }

  @Test func `a request that is drawn for a full server waits, whatever room others have`() {
    var balancer = balancer(draws: 1, weights: [256, 1], maxConnections: 1)
    balancer.began(on: 0, at: 0)
    let chosen = (0..<1000).map { _ in balancer.choose(at: 0) }
    #expect(chosen.count { $0 == nil } > 950)
    #expect(!chosen.contains(0))
    #expect(balancer.chooseForQueued(at: 0) == 1)
    balancer.began(on: 1, at: 0)
    #expect(balancer.chooseForQueued(at: 0) == nil)
  }

  /// Which more draws mend: 1.10 to 1.14 with two and 1.02 to 1.07 with four, by other simulations.
  @Test func `with level weights big servers are the fullest, the less so the more are drawn`()
    async throws
  {
    let quotas = [0.08, 0.12, 0.16, 0.24, 0.32, 0.48]
    var scenario = Scenario(
      name: "random", durationSeconds: 400, request: RequestModel(cpuSeconds: 0.006),
      demand: DemandModel(requestsPerSecond: 0.6 * quotas.reduce(0, +) / 0.006),
      hosts: [HostModel(name: "h1", cores: 2)],
      servers: quotas.enumerated().map { index, quota in
        var server = ServerModel(name: ServerName("s\(index + 1)"), host: "h1")
        server.quotaCores = quota
        return server
      })
    scenario.balancers[0].algorithm = .random
    func utilisation(draws: Int) async throws -> [Double] {
      scenario.balancers[0].draws = draws
      let run = await SimulationRun(scenario: scenario, strategy: .oracle, seed: 1).run()
      return MovingUtilisation(run.seconds).averages(over: 100..<400).compactMap(\.self)
    }
    let (two, four) = (try await utilisation(draws: 2), try await utilisation(draws: 4))
    let (spreadOfTwo, spreadOfFour) = (try #require(spread(two)), try #require(spread(four)))
    #expect((1.06...1.16).contains(spreadOfTwo), "\(two)")
    #expect(spreadOfFour < spreadOfTwo, "\(four)")
    #expect(try #require(two.last) > (try #require(two.first)))
  }

  /// Without a correction 1.14 and 1.09 with two draws, 1.08 with four.
  @Test(arguments: [
    (draws: 2, ties: BalancerModel.Ties.latest, load: 0.6),
    (draws: 2, ties: .rate, load: 0.9),
    (draws: 4, ties: .latest, load: 0.6),
  ])
  func `steered servers are level under random as under round robin`(
    draws: Int, ties: BalancerModel.Ties, load: Double
  ) async throws {
    var scenario = Self.unequal(load: load, seconds: 600)
    func spread(_ algorithm: BalancerModel.Algorithm) async throws -> Double {
      scenario.balancers[0].algorithm = algorithm
      let run = await SimulationRun(scenario: scenario, strategy: .capacity, seed: 11).run()
      return try #require(RunMeasures(run).phases.first?.spreadMean)
    }
    let even = try await spread(.roundrobin)
    scenario.balancers[0].draws = draws
    scenario.balancers[0].ties = ties
    let steered = try await spread(.random)
    #expect(steered <= 1.04 * even, "\(steered) to \(even)")
  }

  enum Upset: CaseIterable {
    case stalls, failsFast

    func events(on server: ServerName, from start: Double, to end: Double) -> [Event] {
      var (begins, ends) = (Event.ServerChange(), Event.ServerChange())
      switch self {
      case .stalls: (begins.ioSeconds, ends.ioSeconds) = (5, 0)
      case .failsFast: (begins.failFast, ends.failFast) = (0.9, 0)
      }
      return [
        Event(atSeconds: start, .server(server, begins)),
        Event(atSeconds: end, .server(server, ends)),
      ]
    }
  }

  /// What sees requests in flight sends few to a server where they wait, and many to one that fails at once,
  /// whatever their weights: that is no traffic that ignores weights.
  @Test(arguments: Upset.allCases)
  func `a server that stalls or fails fast under random makes nothing worse`(
    upset: Upset
  ) async throws {
    var scenario = Self.cluster([0.25, 0.25, 0.25, 0.25, 0.25, 0.25], load: 0.6, seconds: 400)
    scenario.seed = 5
    scenario.events = upset.events(on: "s4", from: 150, to: 210)
    let (bare, steered) = await Self.bareAndSteered(scenario)
    #expect(
      try #require(steered.p99Milliseconds) <= 1.05 * (try #require(bare.p99Milliseconds)))
    #expect(Double(steered.failed) <= 1.05 * Double(bare.failed))
  }

  private static func unequal(load: Double, seconds: Double) -> Scenario {
    cluster([0.08, 0.12, 0.16, 0.24, 0.32, 0.48], load: load, seconds: seconds)
  }

  /// A scenario under `random(4)`, without evenkeel and with it.
  private static func bareAndSteered(
    _ scenario: Scenario
  ) async -> (bare: RequestFigures, steered: RequestFigures) {
    func figures(_ strategy: SimulatedStrategy) async -> RequestFigures {
      let run = SimulationRun(scenario: scenario, strategy: strategy, seed: scenario.seed)
      return RunMeasures(await run.run()).requests
    }
    return (await figures(.random4), await figures(.capacityOnRandom4))
  }

  private static func cluster(_ quotas: [Double], load: Double, seconds: Double) -> Scenario {
    Scenario(
      name: "random", durationSeconds: seconds, request: RequestModel(cpuSeconds: 0.006),
      demand: DemandModel(requestsPerSecond: load * quotas.reduce(0, +) / 0.006),
      hosts: [HostModel(name: "h1", cores: 4)],
      servers: quotas.enumerated().map { index, quota in
        var server = ServerModel(name: ServerName("s\(index + 1)"), host: "h1")
        server.quotaCores = quota
        return server
      })
  }

  /// The algorithm that is recommended. What no tail shows is left out, as in simulator.md.
  @Test(
    arguments: ShippedScenarios.names.filter { name in
      !["11-", "15-", "17-"].contains { name.hasPrefix($0) }
    })
  func `no scenario is worse under random with evenkeel than without`(name: String) async throws {
    let scenario = try #require(try ShippedScenarios.named(name))
    let (bare, steered) = await Self.bareAndSteered(scenario)
    // A limit that nobody tells shows when a server has come up to it: 1.1 in the middle of ten seeds.
    let most = name == "24-hidden-limit" ? 2.8 : 1.05
    #expect(
      try #require(steered.p99Milliseconds) <= most * (try #require(bare.p99Milliseconds)))
    // A request or two of ten thousand are those in flight where a server is killed.
    #expect(
      Double(steered.failed) <= 1.05 * Double(bare.failed) + 2e-4 * Double(bare.requests))
  }

  @Test func `a scenario with limits under random loses no request`() async throws {
    var scenario = try #require(try ShippedScenarios.named("01-unequal-quotas"))
    scenario.durationSeconds = 60
    scenario.events = []
    scenario.demand.requestsPerSecond /= 2
    scenario.balancers[0].algorithm = .random
    for index in scenario.servers.indices { scenario.servers[index].maxConnections = 8 }
    let run = SimulationRun(scenario: scenario, strategy: .equal, seed: 1)
    let record = await run.run()
    #expect(record.requests.count { $0.hasFailed } == 0)
    let arrived = record.seconds.reduce(0) { $0 + $1.arrived }
    #expect(arrived - record.requests.count < 100)
  }
}
