import Balancing
import Testing

@testable import Simulation

/// What a simulated server gets of its host beside neighbours.
@Suite struct HostShareTests {
  struct Measured: Sendable, CustomTestStringConvertible {
    var server: (wants: Double, shares: Double)
    var neighbours: [(wants: Double, shares: Double)]
    /// Part of one core that the server's cgroup got.
    var got: Double
    var testDescription: String { "\(server) beside \(neighbours)" }
  }

  /// By `packaging/neighbours` on Linux 6.18; `packaging/doc/neighbours.md` has the whole table.
  static let measured = [
    Measured(server: (1, 1024), neighbours: [], got: 1),
    Measured(server: (1, 1024), neighbours: [(1, 1024)], got: 0.5),
    Measured(server: (1, 1024), neighbours: [(1, 1024), (1, 1024)], got: 0.33),
    Measured(server: (1, 1024), neighbours: [(0.3, 1024)], got: 0.69),
    Measured(server: (1, 1024), neighbours: [(0.6, 1024)], got: 0.5),
    Measured(server: (0.3, 1024), neighbours: [(1, 1024)], got: 0.3),
    Measured(server: (1, 2048), neighbours: [(1, 1024)], got: 0.66),
    Measured(server: (1, 512), neighbours: [(1, 1024)], got: 0.33),
    Measured(server: (1, 256), neighbours: [(0.9, 1024)], got: 0.2),
    Measured(server: (1, 2048), neighbours: [(1, 1024), (0.2, 1024)], got: 0.53),
    Measured(server: (0.3, 1024), neighbours: [(1, 1024)], got: 0.3),
    Measured(server: (1, 1024), neighbours: [(0.3, 1024)], got: 0.7),
    Measured(server: (1, 3072), neighbours: [(0.4, 1024), (1, 1024)], got: 0.6),
  ]

  @Test(arguments: measured)
  func `a cgroup gets what a real one got`(case measured: Measured) throws {
    let groups = [measured.server] + measured.neighbours
    let given = SimulatedHost.fair(
      groups.map(\.wants), shares: groups.map(\.shares), of: 1)
    #expect(abs(try #require(given.first) - measured.got) <= 0.015)
  }

  @Test func `nobody gets more than it wants, and nothing is left while somebody wants more`() {
    var random = SeededRandom(seed: 1)
    for _ in 0..<500 {
      let count = Int.random(in: 1...6, using: &random)
      let wanted = (0..<count).map { _ in random.chance(0.2) ? 0 : 3 * random.unit() }
      let shares = (0..<count).map { _ in 2 + 4000 * random.unit() }
      let given = SimulatedHost.fair(wanted, shares: shares, of: 4)
      for (wanted, given) in zip(wanted, given) { #expect(given <= wanted + 1e-9) }
      let total = given.reduce(0, +)
      #expect(abs(total - min(4, wanted.reduce(0, +))) < 1e-9)
      // Of those that get less than they want each has the same for its shares, and no other more.
      let levels = zip(given, shares).map { $0 / $1 }
      let short = zip(levels, zip(given, wanted)).filter { $0.1.0 < $0.1.1 - 1e-9 }.map(\.0)
      guard let level = short.first else { continue }
      for other in short { #expect(abs(other / level - 1) < 1e-6) }
      for other in levels { #expect(other <= level * (1 + 1e-6)) }
    }
  }

  /// Milliseconds that a request of 20 ms CPU takes at a server with next to nothing to do.
  private func latency(_ change: (inout Scenario) -> Void) async throws -> Double {
    var request = RequestModel(cpuSeconds: 0.02)
    request.variation = 0
    var host = HostModel(name: "h1", cores: 1)
    host.neighbourNoise = 0
    var scenario = Scenario(
      name: "one", durationSeconds: 200, request: request,
      demand: DemandModel(requestsPerSecond: 2), hosts: [host],
      servers: [ServerModel(name: "s1", host: "h1")])
    change(&scenario)
    let run = SimulationRun(scenario: scenario, strategy: .equal, seed: 1)
    return try #require(RunMeasures(await run.run()).secondHalf.p50Milliseconds)
  }

  @Test func `a server that is mostly idle has its fair share at once when it works`() async throws
  {
    let alone = try await latency { _ in }
    #expect(abs(alone - 20) < 1)
    let besideLittle = try await latency { $0.hosts[0].neighbourCores = 0.3 }
    #expect(abs(besideLittle - 20 / 0.7) < 1)
    let besideMuch = try await latency { $0.hosts[0].neighbourCores = 0.9 }
    #expect(abs(besideMuch - 40) < 1)
  }

  @Test func `shares tell who gets how much of a host that all want`() async throws {
    let lighter = try await latency {
      $0.hosts[0].neighbourCores = 5
      $0.hosts[0].neighbourShares = 3072
    }
    #expect(abs(lighter - 80) < 2)
    let heavier = try await latency {
      $0.hosts[0].neighbourCores = 5
      $0.servers[0].shares = 4096
    }
    #expect(abs(heavier - 25) < 1)
  }

  @Test func `a quota holds, whatever the share would be`() async throws {
    let bounded = try await latency {
      $0.hosts[0].neighbourCores = 5
      $0.servers[0].quotaCores = 0.25
    }
    #expect(abs(bounded - 80) < 2)
  }

  @Test(arguments: [false, true])
  func `neighbours that come and go are there for their part of the time`(isRandom: Bool) async {
    var visits = NeighbourVisits(onSeconds: 20, offSeconds: 40)
    visits.isRandom = isRandom
    var host = HostModel(name: "h1", cores: 2)
    host.neighbourCores = 1
    host.neighbourNoise = 0
    host.visits = visits
    let scenario = Scenario(
      name: "visits", durationSeconds: 9000, request: RequestModel(cpuSeconds: 0.001),
      demand: DemandModel(requestsPerSecond: 0.01), hosts: [host],
      servers: [ServerModel(name: "s1", host: "h1")])
    let run = await SimulationRun(scenario: scenario, strategy: .equal, seed: 7).run()
    let busy = run.seconds.map { ($0.utilisation.first ?? 0) > 0.25 }
    let present = Double(busy.count { $0 }) / Double(busy.count)
    #expect(abs(present - 1.0 / 3) < 0.05)
    let arrivals = zip(busy, busy.dropFirst()).count { !$0 && $1 }
    #expect(abs(Double(arrivals) - 150) <= (isRandom ? 35 : 1))
  }

  @Test func `the oracle counts on the fair share beside a neighbour that wants more`() {
    var host = HostModel(name: "h1", cores: 4)
    host.neighbourCores = 3.6
    let scenario = Scenario(
      name: "truth", durationSeconds: 10, request: RequestModel(cpuSeconds: 0.01),
      demand: DemandModel(requestsPerSecond: 1), hosts: [host],
      servers: [ServerModel(name: "s1", host: "h1")])
    #expect(Cluster(scenario, seed: 1).truth.hosts["h1"]?.neighbourCores == 2)
  }
}
