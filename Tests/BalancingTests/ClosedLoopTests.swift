import Testing

@testable import Balancing

/// Plans change rates, rates change measurements: six servers of very unequal quotas, and no noise.
@Suite struct ClosedLoopTests {
  private static let quotas = [0.08, 0.16, 0.24, 0.32, 0.40, 0.48]

  @Test(arguments: [0.3, 0.6, 0.8])
  func `capacity is level after a few ticks and then writes nothing`(load: Double) {
    var cluster = FluidCluster(quotas: Self.quotas, load: load)
    var strategy = CapacityAlone()
    for _ in 0..<8 { cluster.tick(&strategy) }
    #expect(cluster.spread <= 1.10)
    var writes = 0
    for _ in 0..<60 { writes += cluster.tick(&strategy).writes }
    #expect(writes == 0)
    #expect(cluster.spread <= 1.10)
  }

  @Test(arguments: [240.0, 300, 600]) func `an interval of minutes is level as well`(
    interval: Double
  ) {
    var cluster = FluidCluster(quotas: Self.quotas, load: 0.5)
    cluster.interval = interval
    var strategy = CapacityAlone()
    for _ in 0..<8 {
      // Ticks come when the timer lets them.
      cluster.pass(0.01)
      cluster.tick(&strategy)
    }
    #expect(cluster.spread <= 1.10)
    cluster.servers[1].cost *= 1.5
    for _ in 0..<8 { cluster.tick(&strategy) }
    #expect(cluster.spread <= 1.10)
  }

  @Test func `capacity levels servers whose requests cost differently`() {
    var cluster = FluidCluster(quotas: [1, 1, 1, 1], load: 0.5)
    for index in cluster.servers.indices { cluster.servers[index].cost *= Double(index + 1) }
    cluster.demand /= 2
    var strategy = CapacityAlone()
    for _ in 0..<12 { cluster.tick(&strategy) }
    #expect(cluster.spread <= 1.10)
  }

  @Test func `a server has its due again as soon as its queue is cleared`() throws {
    var cluster = FluidCluster(quotas: [0.1, 0.2, 0.3, 0.4], load: 0.6, hostCores: 64)
    var strategy = CapacityAlone()
    for _ in 0..<30 { cluster.tick(&strategy) }
    let due = try #require(cluster.observation().servers.first?.share)
    cluster.servers[0].queue = 400
    var least = due
    for _ in 0..<30 {
      cluster.tick(&strategy)
      let share = try #require(cluster.observation().servers.first?.share)
      least = min(least, share)
      guard cluster.servers[0].queue == 0 else { continue }
      cluster.tick(&strategy)
      break
    }
    let share = try #require(cluster.observation().servers.first?.share)
    #expect(least < due / 4)
    #expect(share > 0.9 * due)
  }

  @Test func `what a pile has told is not forgotten before the samples tell it`() throws {
    var cluster = FluidCluster(quotas: [0.4, 0.4, 0.4, 0.8], load: 0.7, hostCores: 64)
    var strategy = CapacityAlone()
    for _ in 0..<30 { cluster.tick(&strategy) }
    cluster.servers[3].cost *= 1.6
    cluster.samplesAreTaken = false
    var hasQueued = false
    for _ in 0..<5 {
      cluster.tick(&strategy)
      let isFull = cluster.utilisations[3] > 1
      if hasQueued, cluster.servers[3].queue == 0 { #expect(!isFull) }
      hasQueued = hasQueued || cluster.servers[3].queue > 0
    }
    #expect(hasQueued && cluster.servers[3].queue == 0)
    cluster.samplesAreTaken = true
    for _ in 0..<8 { cluster.tick(&strategy) }
    #expect(cluster.spread <= 1.10)
  }

  @Test func `capacity leaves a host to its neighbours`() {
    var cluster = FluidCluster(quotas: [], load: 0)
    cluster.servers = (1...3).map { index in
      FluidCluster.Server(
        name: ServerName("s\(index)"), host: HostName("h\(index)"), cost: 0.01)
    }
    cluster.hosts = ["h1": .init(cores: 2), "h2": .init(cores: 2), "h3": .init(cores: 2)]
    cluster.hosts["h3"]?.neighbours = 1
    cluster.demand = 250
    var strategy = CapacityAlone()
    // In the first minute the neighbour may as well come to another host.
    for _ in 0..<30 { cluster.tick(&strategy) }
    // 2.5 cores of requests and 1 of neighbours on 6: each host should have 3.5 ÷ 6 of 2 in use.
    let rates = cluster.servers.map { cluster.rate($0) }
    #expect(isNear(rates, [116.7, 116.7, 16.7], 0.10))
  }

  @Test func `halfway is level after fifteen ticks`() {
    var cluster = FluidCluster(quotas: Self.quotas, load: 0.6)
    var strategy = HalfwayAlone()
    for _ in 0..<15 { cluster.tick(&strategy) }
    #expect(cluster.spread <= 1.25)
    for _ in 0..<10 { cluster.tick(&strategy) }
    var writes = 0
    for _ in 0..<30 { writes += cluster.tick(&strategy).writes }
    #expect(writes == 0)
    #expect(cluster.spread <= 1.25)
  }

  @Test func `halfway does not act twice on the same evidence`() {
    var cluster = FluidCluster(quotas: Self.quotas, load: 0.3)
    var strategy = HalfwayAlone()
    cluster.sample()
    _ = strategy.plan(for: cluster.observation())
    #expect(cluster.tick(&strategy).writes > 0)
    let next = cluster.tick(&strategy)
    #expect(next.writes == 0)
    #expect(next.plan.verdict == .hold(.awaitingSamplesSinceWrite))
    #expect(next.plan.servers.allSatisfy { $0.target == .keep(.sampleBeforeLastWrite) })
    #expect(cluster.tick(&strategy).writes > 0)
  }

  /// Quotas 1 : 3 at equal weights: utilisations 3 : 1 with a mean of 2. Half way: shares
  /// 0.5 × (1 + 2/3) ÷ 2 and 0.5 × (1 + 2) ÷ 2, that is 0.4167 and 0.75, scaled to 1.
  @Test func `halfway goes half of the way`() throws {
    var cluster = FluidCluster(quotas: [0.1, 0.3], load: 0.3)
    var strategy = HalfwayAlone()
    cluster.sample()
    _ = strategy.plan(for: cluster.observation())
    let plan = cluster.tick(&strategy).plan
    #expect(plan.verdict == .change)
    let shares = ["s1", "s2"].compactMap { plan.shares[$0] }
    #expect(isNear(shares, [0.4167 / 1.1667, 0.75 / 1.1667], 1e-3))
  }
}
