import TestSupport
import Testing

@testable import Balancing

/// What capacity plans, and when it holds.
@Suite struct CapacityPlanTests {
  /// Six servers, and a strategy that has watched them without writing.
  private func watched(
    quotas: [Double] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], ticks: Int = 10, load: Double = 0.3
  ) -> (cluster: FluidCluster, strategy: CapacityAlone) {
    var cluster = FluidCluster(quotas: quotas, load: load, hostCores: 64)
    var strategy = CapacityAlone()
    for _ in 0..<ticks { _ = cluster.tick(&strategy, after: cluster.interval) }
    return (cluster, strategy)
  }

  @Test func `with its own weights standing a second tick writes nothing`() throws {
    try forAllSeeds(30) { generator in
      var cluster = FluidCluster(
        quotas: (0..<generator.whole(2...10)).map { _ in generator.magnitude(0.05, 2) },
        load: generator.number(0.1, 0.7), hostCores: 64)
      cluster.hosts["h1"]?.neighbours = generator.number(0, 20)
      var strategy = CapacityAlone()
      for _ in 0..<30 { cluster.tick(&strategy) }
      let last = cluster.tick(&strategy)
      try require(last.writes == 0, "\(last.plan)")
      try require(last.plan.verdict == .level, "\(last.plan)")
    }
  }

  @Test(
    arguments: [
      ServerState.drain, .maintenance, .down, .unresolved, .backup, .zeroWeight, .ramping,
    ])
  func `a server that HAProxy gives no traffic keeps its weight`(state: ServerState) throws {
    var (cluster, strategy) = watched()
    cluster.servers[2].state = state
    cluster.servers[4].isHeld = true
    for _ in 0..<5 {
      let plan = cluster.tick(&strategy).plan
      #expect(plan.server("s3")?.target == .keep(.state(state)))
      #expect(plan.server("s5")?.target == .keep(.external))
      #expect(plan.server("s3")?.costPerRequest != nil)
      #expect(plan.server("s5")?.utilisation != nil)
    }
    #expect(cluster.servers[2].weight == 100)
    #expect(cluster.servers[4].weight == 100)
    #expect(cluster.servers[5].weight != 100)
  }

  @Test func `with less than half fresh only reductions are planned`() throws {
    try forAllSeeds(40) { generator in
      var (cluster, strategy) = watched()
      let blind = 4 + generator.whole(0...1)
      for index in cluster.servers.indices.shuffled(using: &generator).prefix(blind) {
        cluster.servers[index].samples = []
        cluster.servers[index].id = "new"
        cluster.servers[index].weight = generator.whole(20...200)
        if generator.chance(0.5) { cluster.servers[index].queue = 500 }
      }
      cluster.run(10)
      for index in cluster.servers.indices where cluster.servers[index].id == "first" {
        cluster.servers[index].samples.append(cluster.sampleNow(index))
      }
      let before = cluster.servers.map(\.weight)
      let plan = strategy.plan(for: cluster.observation())
      guard case .hold(.tooLittleFreshData) = plan.verdict else {
        throw Broken("\(plan.verdict)")
      }
      _ = cluster.write(plan)
      for (weight, server) in zip(before, cluster.servers) {
        let target = try unwrap(plan.server(server.name)).target
        if case .reduce(let factor, _) = target {
          let reduced = (Double(weight) * factor).rounded()
          try require(Double(server.weight) == reduced, "\(server.name): \(server.weight)")
        } else {
          try require(server.weight == weight, "\(server.name) got \(server.weight)")
        }
      }
    }
  }

  @Test
  func `a share at most doubles in a tick, or is again what it was before a queue was cleared`()
    throws
  {
    try forAllSeeds(100) { generator in
      var (cluster, strategy) = watched(
        quotas: (0..<generator.whole(2...8)).map { _ in generator.magnitude(0.01, 4) },
        ticks: generator.whole(3...12))
      // All weights were equal while it was watched.
      let before = 1 / Double(cluster.servers.count)
      for index in cluster.servers.indices {
        cluster.servers[index].weight = generator.whole(1...256)
        if generator.chance(0.3) { cluster.servers[index].queue = generator.magnitude(1, 1e5) }
      }
      cluster.hosts["h1"]?.neighbours = generator.number(0, 70)
      let plan = cluster.tick(&strategy, after: 10)
      let count = Double(cluster.servers.count)
      for server in cluster.observation().servers {
        guard let share = plan.shares[server.name] else { continue }
        let most = max(2 * max(server.share, 0.1 / count), before)
        try require(share <= most * (1 + 1e-9), "\(server.name): \(share) of \(most)")
      }
      let sum = plan.shares.values.reduce(0, +)
      try require(plan.shares.isEmpty || isNear(sum, 1, 1e-9), "shares add up to \(sum)")
    }
  }

  @Test func `the same is planned whatever weights stand, once no step is limited`() throws {
    try forAllSeeds(30) { generator in
      var (cluster, strategy) = watched(ticks: 12)
      cluster.weightsAreOurs = false
      cluster.run(10)
      cluster.sample()
      var first: [ServerName: Double]?
      for _ in 0..<4 {
        // The great ones get little: far outside the dead band.
        for index in cluster.servers.indices {
          cluster.servers[index].weight = generator.whole(1...40) * (6 - index)
        }
        var copy = strategy
        let plan = copy.plan(for: cluster.observation())
        try require(plan.verdict == .change, "\(plan.verdict)")
        first = first ?? plan.shares
        for (name, share) in plan.shares {
          try require(isNear(share, first?[name] ?? 0, 1e-9), "\(name): \(share)")
        }
      }
      _ = strategy.plan(for: cluster.observation())
    }
  }

  @Test func `the first weights are what limits say, whatever stands`() throws {
    try forAllSeeds(20) { generator in
      var cluster = FluidCluster(quotas: [0.1, 0.2, 0.4, 0.8], load: 0.1, hostCores: 64)
      cluster.weightsAreOurs = false
      for index in cluster.servers.indices {
        cluster.servers[index].weight = generator.whole(60...140)
        cluster.servers[index].cost = generator.number(0.002, 0.008)
      }
      var strategy = CapacityAlone()
      var first: Plan?
      for _ in 0..<5 where first == nil {
        cluster.run(10)
        cluster.sample()
        let plan = strategy.plan(for: cluster.observation())
        if plan.verdict == .change { first = plan }
      }
      let shares = try unwrap(first).shares.sorted { $0.key < $1.key }.map(\.value)
      // The greatest may be held back by what a tick may add.
      try require(isNear(shares[1] / shares[0], 2, 1e-6), "\(shares)")
      try require(isNear(shares[2] / shares[1], 2, 1e-6), "\(shares)")
    }
  }

  @Test func `after a reload the learned weights go back at once`() {
    var cluster = FluidCluster(quotas: [0.08, 0.16, 0.24, 0.32, 0.40, 0.48], load: 0.5)
    var strategy = CapacityAlone()
    for _ in 0..<12 { cluster.tick(&strategy) }
    for index in cluster.servers.indices { cluster.servers[index].weight = 100 }
    cluster.weightsAreOurs = false
    _ = cluster.write(strategy.plan(for: cluster.observation()))
    #expect(cluster.spread <= 1.05)
  }

  @Test func `ticks come faster until costs are known`() {
    var cluster = FluidCluster(quotas: [0.5, 0.5], load: 0.3)
    var strategy = CapacityAlone()
    let first = cluster.tick(&strategy, after: 2.5)
    #expect(first.verdict == .hold(.learning))
    #expect(first.nextTick == .quick)
    _ = cluster.tick(&strategy, after: 2.5)
    let third = cluster.tick(&strategy, after: 2.5)
    #expect(third.verdict == .level)
    #expect(third.nextTick == .usual)
  }

  @Test func `no faster ticks where nothing can be learned`() {
    var cluster = FluidCluster(quotas: [0.5, 0.5], load: 0)
    var strategy = CapacityAlone()
    _ = cluster.tick(&strategy, after: 10)
    let idle = cluster.tick(&strategy, after: 10)
    #expect(idle.verdict == .hold(.learning))
    #expect(idle.nextTick == .usual)
  }

  /// A plan after ten minutes in which neighbours came and went on the servers' host of 4 cores.
  private func plan(
    besideNeighboursOf cores: Double, load: Double,
    _ discipline: BackendObservation.Discipline = .rate
  ) -> Plan {
    var cluster = FluidCluster(quotas: [1, 1], load: load)
    cluster.discipline = discipline
    var strategy = CapacityAlone()
    var plan = cluster.tick(&strategy, after: 10)
    for tick in 0..<60 {
      cluster.hosts["h1"]?.neighbours = (tick / 6).isMultiple(of: 2) ? 0 : cores
      plan = cluster.tick(&strategy, after: 10)
    }
    for _ in 0..<6 { plan = cluster.tick(&strategy, after: 10) }
    return plan
  }

  @Test func `hosts that neighbours crowd at times are watched`() {
    #expect(plan(besideNeighboursOf: 2, load: 0.8).nextTick == .watching)
    // There is room for all.
    #expect(plan(besideNeighboursOf: 1.6, load: 0.3).nextTick == .usual)
    #expect(plan(besideNeighboursOf: 0, load: 0.8).nextTick == .usual)
    // HAProxy sees it sooner by what is in flight.
    #expect(plan(besideNeighboursOf: 2, load: 0.8, .inFlight).nextTick == .usual)
  }

  @Test func `nothing arrives: it holds`() {
    var (cluster, strategy) = watched()
    cluster.demand = 0
    #expect(cluster.tick(&strategy).plan.verdict == .hold(.idle))
  }

  @Test func `one server is nothing to level`() {
    var (cluster, strategy) = watched(quotas: [1])
    let plan = cluster.tick(&strategy).plan
    #expect(plan.verdict == .hold(.nothingToLevel))
    #expect(isNear(plan.servers.compactMap(\.costPerRequest), [0.005], 1e-6))
  }

  @Test func `a server without a container is left alone and the others are levelled`() {
    var (cluster, strategy) = watched()
    cluster.run(10)
    cluster.sample()
    var observation = cluster.observation()
    observation.servers[5].container = nil
    let plan = strategy.plan(for: observation)
    #expect(plan.server("s6")?.target == .keep(.noContainer))
    #expect(plan.verdict == .change)
    #expect(isNear(plan.shares.values.reduce(0, +), 5.0 / 6, 1e-9))
  }

  @Test func `a server that restarted is held until it has a rate again`() {
    var (cluster, strategy) = watched()
    cluster.servers[3].cpuSeconds = 0
    let first = cluster.tick(&strategy, after: 10)
    #expect(first.server("s4")?.target == .keep(.noRate))
    let second = cluster.tick(&strategy, after: 10)
    #expect(second.shares["s4"] != nil)
  }

  @Test func `a server back from an outage gets half until it is seen`() {
    var (cluster, strategy) = watched()
    for _ in 0..<8 { cluster.tick(&strategy) }
    cluster.servers[5].state = .down
    for _ in 0..<3 { cluster.tick(&strategy) }
    let weight = cluster.servers[5].weight
    cluster.servers[5].state = .up
    cluster.samplesAreTaken = false
    let back = cluster.tick(&strategy).plan
    #expect(back.server("s6")?.target == .reduce(by: 0.5, .returning))
    #expect(cluster.servers[5].weight == Int((Double(weight) / 2).rounded()))
    let waiting = cluster.tick(&strategy).plan
    guard case .keep(.stale) = waiting.server("s6")?.target else {
      Issue.record("\(waiting)")
      return
    }
    cluster.samplesAreTaken = true
    for _ in 0..<6 { cluster.tick(&strategy) }
    #expect(cluster.servers[5].weight > weight * 3 / 4)
    #expect(cluster.spread <= 1.1)
  }

  @Test func `a server long unseen drifts to the mean of its peers`() {
    var (cluster, strategy) = watched(quotas: [0.5, 0.5, 0.5, 0.5])
    var plans: [Plan] = []
    for tick in 0..<120 {
      // By then it is stale, and not yet long unseen.
      if tick == 20 { cluster.servers[0].weight = 20 }
      cluster.run(10)
      let frozen = cluster.servers[0].samples
      cluster.sample()
      cluster.servers[0].samples = frozen
      let plan = strategy.plan(for: cluster.observation())
      plans.append(plan)
      _ = cluster.write(plan)
    }
    guard case .keep(.stale) = plans[30].server("s1")?.target else {
      Issue.record("\(plans[30])")
      return
    }
    // Weights 20 and three times 100: a share of 0.0625, and a mean of 0.3125.
    let shares = plans.dropFirst(20).compactMap { $0.shares["s1"] }
    #expect(isNear(shares.first ?? 0, 0.0625 + 0.0328 * (0.3125 - 0.0625), 0.01))
    let final = cluster.observation().servers.map(\.share)
    #expect(isNear(final, [0.25, 0.25, 0.25, 0.25], 0.2))
  }

  @Test func `a server never seen does not drift`() {
    var cluster = FluidCluster(quotas: [0.5, 0.5, 0.5, 0.5], load: 0.3)
    cluster.servers[0].weight = 20
    var strategy = CapacityAlone()
    for _ in 0..<100 {
      cluster.run(10)
      cluster.sample()
      cluster.servers[0].samples = []
      _ = cluster.write(strategy.plan(for: cluster.observation()))
    }
    #expect(cluster.servers[0].weight == 20)
  }

  @Test func `queues count only where weights are rates`() {
    var (cluster, strategy) = watched(quotas: [0.5, 0.5, 0.5], ticks: 8, load: 0.8)
    cluster.servers[0].queue = 400
    var other = strategy
    var weighted = cluster
    weighted.discipline = .inFlight
    let byRate = cluster.tick(&strategy, after: 10)
    let byFlight = weighted.tick(&other, after: 10)
    #expect(byRate.verdict == .change)
    #expect(byRate.shares["s1"] ?? 1 < 0.3)
    #expect(byFlight.verdict == .level)
  }

  @Test func `utilisation is that of the fullest limit`() {
    var cluster = FluidCluster(quotas: [0.5, 0.5], load: 0.5, hostCores: 1)
    var strategy = CapacityAlone()
    for _ in 0..<4 { _ = cluster.tick(&strategy, after: 10) }
    let alone = cluster.tick(&strategy, after: 10)
    #expect(alone.server("s1")?.utilisation?.limit == .quota)
    #expect(isNear(alone.server("s1")?.utilisation?.value ?? 0, 0.5, 1e-6))
    #expect(isNear(alone.server("s1")?.cpuCores ?? 0, 0.25, 1e-6))
    cluster.hosts["h1"]?.neighbours = 0.4
    let crowded = cluster.tick(&strategy, after: 10)
    #expect(crowded.server("s1")?.utilisation?.limit == .host)
    #expect(isNear(crowded.server("s1")?.utilisation?.value ?? 0, 0.9, 1e-6))
  }

  @Test func `a server that vanishes is forgotten`() throws {
    var (cluster, strategy) = watched()
    cluster.servers.removeLast(3)
    for _ in 0..<400 { _ = cluster.tick(&strategy, after: 10) }
    var (fresh, learner) = watched(quotas: [0.1, 0.2, 0.3])
    for _ in 0..<400 { _ = fresh.tick(&learner, after: 10) }
    #expect("\(strategy)".contains("s4") == false)
    #expect("\(strategy)".contains("s3"))
  }
}

extension FluidCluster {
  func sampleNow(_ index: Int) -> CPUSample {
    CPUSample(
      timestamp: now, cpuNanoseconds: UInt64((servers[index].cpuSeconds * 1e9).rounded()))
  }
}
