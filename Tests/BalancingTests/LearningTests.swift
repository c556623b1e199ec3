import TestSupport
import Testing

@testable import Balancing

/// What capacity learns from counters, whatever becomes of them on the way.
@Suite struct LearningTests {
  /// Lets time go by to the next tick, with samples at random moments.
  private func wait(
    _ cluster: inout FluidCluster, gaps: ClosedRange<Double>, nextSample: inout Double,
    _ generator: inout SeededGenerator
  ) {
    let tick = cluster.seconds + cluster.interval * generator.number(0.8, 1.2)
    while nextSample < tick {
      cluster.run(nextSample - cluster.seconds)
      cluster.sample()
      if generator.chance(0.2) { cluster.repeatSamples() }
      nextSample += generator.number(gaps.lowerBound, gaps.upperBound)
    }
    cluster.run(tick - cluster.seconds)
  }

  private func cluster(_ generator: inout SeededGenerator, cost: Double) -> FluidCluster {
    let quotas = (0..<generator.whole(2...6)).map { _ in generator.magnitude(0.1, 2) }
    var cluster = FluidCluster(quotas: quotas, cost: cost, load: 0.1, hostCores: 64)
    for index in cluster.servers.indices {
      cluster.servers[index].weight = generator.whole(1...256)
    }
    return cluster
  }

  @Test func `cost is exact on counters without noise, whatever the sampling`() throws {
    try forAllSeeds(50) { generator in
      let cost = generator.magnitude(1e-4, 1)
      var cluster = cluster(&generator, cost: cost)
      let least = generator.number(1, 60)
      let gaps = least...generator.number(least, 60)
      var strategy = CapacityAlone()
      var next = cluster.seconds
      for _ in 0..<40 {
        wait(&cluster, gaps: gaps, nextSample: &next, &generator)
        for server in strategy.plan(for: cluster.observation()).servers {
          guard let learned = server.costPerRequest else { continue }
          try require(isNear(learned, cost, 1e-4), "\(server.name): \(learned), not \(cost)")
        }
      }
    }
  }

  @Test func `servers that cost differently are told apart`() {
    var cluster = FluidCluster(quotas: [1, 1, 1], load: 0.3)
    cluster.servers[1].cost = 0.01
    cluster.servers[2].cost = 0.0025
    var strategy = CapacityAlone()
    var plan: Plan?
    for _ in 0..<40 {
      cluster.run(10)
      cluster.sample()
      plan = strategy.plan(for: cluster.observation())
    }
    let costs = (plan?.servers ?? []).compactMap(\.costPerRequest)
    #expect(isNear(costs, [0.005, 0.01, 0.0025], 0.01))
  }

  @Test func `a clock that is off changes nothing where its Date header shows it`() throws {
    try forAllSeeds(30) { generator in
      var straight = cluster(&generator, cost: 0.005)
      var skewed = straight
      skewed.hosts["h1"]?.clockOffset = Double(generator.whole(-100_000...100_000))
      var strategies = (CapacityAlone(), CapacityAlone())
      for _ in 0..<10 {
        let wait = generator.number(5, 15)
        let plans = (
          straight.tick(&strategies.0, after: wait), skewed.tick(&strategies.1, after: wait)
        )
        try require(plans.0 == plans.1, "\(plans.0) and \(plans.1)")
      }
    }
  }

  @Test func `resets of either counter never give a cost that is none`() throws {
    try forAllSeeds(30) { generator in
      let cost = generator.magnitude(1e-4, 0.1)
      var cluster = cluster(&generator, cost: cost)
      var strategy = CapacityAlone()
      var plan: Plan?
      for tick in 0..<160 {
        for index in cluster.servers.indices where tick < 60 && generator.chance(0.1) {
          switch generator.whole(0...2) {
          case 0: cluster.servers[index].cpuSeconds = 0
          case 1: cluster.servers[index].id += "+"
          default: (cluster.servers[index].arrived, cluster.servers[index].done) = (0, 0)
          }
        }
        plan = cluster.tick(&strategy, after: generator.number(1, 20))
        for learned in (plan?.servers ?? []).compactMap(\.costPerRequest) {
          try require(learned.isFinite && learned > 0, "a cost of \(learned)")
        }
      }
      // A counter that passed its old value between two ticks misleads, but not for good.
      for learned in (plan?.servers ?? []).compactMap(\.costPerRequest) {
        try require(isNear(learned, cost, 0.05), "\(learned) in the end, not \(cost)")
      }
    }
  }

  @Test(arguments: [true, false])
  func `after a restart the old cost is no more than a weak belief`(isReplaced: Bool) {
    var cluster = FluidCluster(quotas: [1, 1, 1], load: 0.3)
    var strategy = CapacityAlone()
    for _ in 0..<20 { cluster.tick(&strategy) }
    // Less than what is believed as a change without a restart.
    cluster.servers[0].cost *= 1.06
    cluster.servers[0].cpuSeconds = 0
    if isReplaced { cluster.servers[0].id = "second" }
    for _ in 0..<9 { cluster.tick(&strategy) }
    let plan = cluster.tick(&strategy).plan
    // What its equal peers cost still counts a little.
    #expect(isNear(plan.server("s1")?.costPerRequest ?? 0, 0.005 * 1.06, 0.015))
  }

  @Test func `requests that fail at once make no server look cheap`() {
    var cluster = FluidCluster(quotas: [1, 1, 1], load: 0.3)
    cluster.servers[0].failing = 0.9
    var strategy = CapacityAlone()
    for _ in 0..<20 { cluster.tick(&strategy) }
    let plan = strategy.plan(for: cluster.observation())
    let costs = plan.servers.compactMap(\.costPerRequest)
    #expect(isNear(costs, [0.005, 0.005, 0.005], 1e-3))
  }

  @Test func `a window stays open while a balancer cannot be read, and closes over the gap`() {
    var cluster = FluidCluster(quotas: [1, 1], load: 0.3)
    var strategy = CapacityAlone()
    for _ in 0..<3 { cluster.tick(&strategy) }
    for _ in 0..<4 {
      cluster.run(10)
      cluster.sample()
      var observation = cluster.observation()
      observation.servers[0].requests = nil
      let plan = strategy.plan(for: observation)
      #expect(plan.verdict == .hold(.countersMissing))
    }
    let plan = cluster.tick(&strategy).plan
    #expect(plan.verdict == .level)
    #expect(isNear(plan.servers.compactMap(\.costPerRequest), [0.005, 0.005], 1e-6))
  }
}

extension FluidCluster {
  /// A tick after so many seconds, whose plan is not carried out.
  mutating func tick(_ strategy: inout some Planning, after wait: Double) -> Plan {
    run(wait)
    sample()
    return strategy.plan(for: observation())
  }

  /// Every sample is read once more.
  mutating func repeatSamples() {
    for index in servers.indices { servers[index].samples += servers[index].samples.suffix(1) }
  }
}
