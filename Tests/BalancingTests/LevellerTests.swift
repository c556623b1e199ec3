import TestSupport
import Testing

@testable import Balancing

/// What rates make all utilisations equal.
@Suite struct LevellerTests {
  @Test func `a server with twice the cores gets twice the rate`() throws {
    let leveller = Leveller(
      servers: [
        Leveller.Server(cost: 0.01, limitCores: 1, queueCores: 0, host: "a"),
        Leveller.Server(cost: 0.01, limitCores: 2, queueCores: 0, host: "b"),
      ], hosts: ["a": .init(cores: 1, neighbourCores: 0), "b": .init(cores: 2, neighbourCores: 0)])
    let solution = try #require(leveller.solve(demand: 150))
    #expect(isNear(solution.rates, [50, 100]))
    #expect(isNear(solution.level, 0.5))
  }

  /// Host of 2 cores, 1 used by others: at U the server may use min(U, 2U − 1). With 1 core alone
  /// beside it: U + 2U − 1 = 0.8, so U = 0.6, and the rates are 0.6 and 0.2 cores ÷ 0.01 s.
  @Test func `neighbours take from what a host can give`() throws {
    let leveller = Leveller(
      servers: [
        Leveller.Server(cost: 0.01, limitCores: 1, queueCores: 0, host: "quiet"),
        Leveller.Server(cost: 0.01, limitCores: 1, queueCores: 0, host: "shared"),
      ],
      hosts: [
        "quiet": .init(cores: 1, neighbourCores: 0), "shared": .init(cores: 2, neighbourCores: 1),
      ])
    let solution = try #require(leveller.solve(demand: 80))
    #expect(isNear(solution.level, 0.6))
    #expect(isNear(solution.rates, [60, 20]))
  }

  /// At a level of 0.6 the shared host of 2 cores is used to 1.2, of which 0.2 are ours.
  @Test func `beside neighbours a host's utilisation follows a share by our part of it`() {
    func leverage(_ neighbourCores: Double, limit: Double) -> [Double] {
      Leveller(
        servers: [
          Leveller.Server(cost: 0.01, limitCores: limit, queueCores: 0, host: "shared"),
          Leveller.Server(cost: 0.01, limitCores: 1, queueCores: 0, host: "unknown"),
        ], hosts: ["shared": .init(cores: 2, neighbourCores: neighbourCores)]
      ).leverage(at: 0.6)
    }
    #expect(isNear(leverage(1, limit: 2), [0.2 / 1.2, 1]))
    #expect(leverage(1.2, limit: 2) == [0.1, 1])
    #expect(leverage(9, limit: 2) == [0.1, 1])
    // Its own quota is what it hits first.
    #expect(leverage(0.5, limit: 1) == [1, 1])
    #expect(leverage(0, limit: 2) == [1, 1])
  }

  /// Spared of a half, one costs twice as much: at U they get U ÷ 0.02 s and U ÷ 0.01 s.
  @Test func `a server that is spared gets less, and with none to spare all get their due`() throws
  {
    let leveller = Leveller(
      servers: ["a", "b"].map { .init(cost: 0.01, limitCores: 1, queueCores: 0, host: $0) },
      hosts: [:])
    let spared = try #require(leveller.solve(demand: 80, sparing: [0.5, 1]))
    #expect(isNear(spared.rates, [80.0 / 3, 160.0 / 3]))
    #expect(leveller.solve(demand: 80, sparing: [1, 1]) == leveller.solve(demand: 80))
  }

  @Test func `a queue is worked off first`() throws {
    let leveller = Leveller(
      servers: [
        Leveller.Server(cost: 0.01, limitCores: 1, queueCores: 0.2, host: "a"),
        Leveller.Server(cost: 0.01, limitCores: 1, queueCores: 0, host: "b"),
      ], hosts: [:])
    let solution = try #require(leveller.solve(demand: 100))
    #expect(isNear(solution.rates, [40, 60]))
  }

  @Test func `under overload all are equally overloaded`() throws {
    let leveller = Leveller(
      servers: [
        Leveller.Server(cost: 0.01, limitCores: 1, queueCores: 0, host: "a"),
        Leveller.Server(cost: 0.02, limitCores: 1, queueCores: 0, host: "b"),
      ], hosts: [:])
    let solution = try #require(leveller.solve(demand: 300))
    #expect(isNear(solution.level, 2))
    #expect(isNear(solution.rates, [200, 100]))
  }

  @Test func `the rates add up to the demand`() throws {
    try forAllSeeds(100) { generator in
      let problem = LevellingProblem(&generator)
      let solution = try unwrap(problem.leveller.solve(demand: problem.demand))
      let sum = solution.rates.reduce(0, +)
      try require(isNear(sum, problem.demand, 1e-6), "\(sum) for a demand of \(problem.demand)")
    }
  }

  @Test func `no rate falls when the level or the demand rises`() throws {
    try forAllSeeds(100) { generator in
      let problem = LevellingProblem(&generator)
      let level = generator.magnitude(1e-3, 10)
      let more = level * generator.number(1, 2)
      let pairs = zip(problem.leveller.rates(at: level), problem.leveller.rates(at: more))
      try require(pairs.allSatisfy { $0 <= $1 }, "between levels \(level) and \(more)")
      let less = try unwrap(problem.leveller.solve(demand: problem.demand))
      let greater = try unwrap(problem.leveller.solve(demand: problem.demand * 1.5))
      try require(
        zip(less.rates, greater.rates).allSatisfy { $0 <= $1 * (1 + 1e-9) }, "with the demand")
    }
  }

  @Test func `costs in another unit leave the shares alone`() throws {
    try forAllSeeds(100) { generator in
      var problem = LevellingProblem(&generator)
      let before = try unwrap(problem.leveller.solve(demand: problem.demand)).shares
      let factor = generator.magnitude(1e-3, 1e3)
      for index in problem.servers.indices { problem.servers[index].cost *= factor }
      let after = try unwrap(problem.leveller.solve(demand: problem.demand / factor)).shares
      try require(isNear(before, after, 1e-6), "factor \(factor): \(before), \(after)")
    }
  }

  @Test func `alone and without queues rates are in proportion to limit over cost`() throws {
    try forAllSeeds(100) { generator in
      var problem = LevellingProblem(&generator)
      for index in problem.servers.indices {
        problem.servers[index].queueCores = 0
        problem.servers[index].host = HostName("own-\(index)")
      }
      problem.hosts = Dictionary(
        uniqueKeysWithValues: problem.servers.map {
          ($0.host, Leveller.Host(cores: $0.limitCores, neighbourCores: 0))
        })
      let speeds = problem.servers.map { $0.limitCores / $0.cost }
      let shares = try unwrap(problem.leveller.solve(demand: problem.demand)).shares
      let ideal = speeds.map { $0 / speeds.reduce(0, +) }
      try require(isNear(shares, ideal, 1e-6), "\(shares), not \(ideal)")
    }
  }

  @Test func `a host that its neighbours fill gets nothing`() throws {
    try forAllSeeds(100) { generator in
      let problem = LevellingProblem(&generator)
      let level = generator.magnitude(1e-3, 2)
      let rates = problem.leveller.rates(at: level)
      for (server, rate) in zip(problem.servers, rates) {
        guard let host = problem.hosts[server.host],
          host.neighbourCores >= level * host.cores
        else { continue }
        try require(rate == 0, "\(server) gets \(rate) at \(level)")
      }
    }
  }

  @Test func `the order of the servers changes nothing`() throws {
    try forAllSeeds(100) { generator in
      var problem = LevellingProblem(&generator)
      let before = try unwrap(problem.leveller.solve(demand: problem.demand))
      let order = problem.servers.indices.shuffled(using: &generator)
      problem.servers = order.map { problem.servers[$0] }
      let after = try unwrap(problem.leveller.solve(demand: problem.demand))
      let expected = order.map { before.rates[$0] }
      try require(isNear(expected, after.rates, 1e-9), "\(expected), \(after.rates)")
    }
  }

  @Test func `two containers on one host are as two hosts of half the size`() throws {
    try forAllSeeds(100) { generator in
      let (cores, others) = (generator.magnitude(1, 64), generator.number(0, 0.5))
      let costs = [generator.magnitude(1e-4, 1), generator.magnitude(1e-4, 1)]
      func server(_ cost: Double, _ host: HostName) -> Leveller.Server {
        Leveller.Server(cost: cost, limitCores: cores / 2, queueCores: 0, host: host)
      }
      let shared = Leveller(
        servers: [server(costs[0], "a"), server(costs[1], "a")],
        hosts: ["a": .init(cores: cores, neighbourCores: others * cores)])
      let half = Leveller.Host(cores: cores / 2, neighbourCores: others * cores / 2)
      let apart = Leveller(
        servers: [server(costs[0], "a"), server(costs[1], "b")], hosts: ["a": half, "b": half])
      let demand = generator.magnitude(1, 1e4)
      let (one, two) = (
        try unwrap(shared.solve(demand: demand)), try unwrap(apart.solve(demand: demand))
      )
      try require(isNear(one.level, two.level, 1e-9), "levels \(one.level), \(two.level)")
      try require(isNear(one.rates, two.rates, 1e-9), "rates \(one.rates), \(two.rates)")
    }
  }
}

/// Servers on hosts as they might be.
private struct LevellingProblem {
  var servers: [Leveller.Server]
  var hosts: [HostName: Leveller.Host]
  var demand: Double

  var leveller: Leveller { Leveller(servers: servers, hosts: hosts) }

  init(_ generator: inout SeededGenerator) {
    var hosts: [HostName: Leveller.Host] = [:]
    for index in 0..<generator.whole(1...5) {
      let cores = Double(generator.whole(1...64))
      hosts[HostName("h\(index)")] = Leveller.Host(
        cores: cores, neighbourCores: generator.chance(0.5) ? cores * generator.number(0, 1.2) : 0)
    }
    let names = hosts.keys.sorted()
    servers = (0..<generator.whole(1...12)).map { _ in
      let limit = generator.magnitude(0.05, 64)
      return Leveller.Server(
        cost: generator.magnitude(1e-5, 10), limitCores: limit,
        queueCores: generator.chance(0.3) ? limit * generator.number(0, 3) : 0,
        host: names[generator.whole(0...(names.count - 1))])
    }
    self.hosts = hosts
    demand = generator.magnitude(1e-3, 1e6)
  }
}

extension Leveller.Solution {
  fileprivate var shares: [Double] { rates.map { $0 / rates.reduce(0, +) } }
}
