import Testing

@testable import Balancing

/// Counters that cannot be right, and those that only look so.
@Suite struct DoubtTests {
  typealias Kind = BackendStrategy.Kind

  /// Three equal servers at half load, each on a host of its own.
  private func cluster(_ count: Int = 3, cost: Double = 0.005) -> FluidCluster {
    var cluster = FluidCluster(
      quotas: [Double](repeating: 0.5, count: count), cost: cost, load: 0.5)
    for index in cluster.servers.indices {
      cluster.servers[index].host = HostName("h\(index + 1)")
      cluster.hosts[HostName("h\(index + 1)")] = FluidCluster.Host(cores: 4)
    }
    return cluster
  }

  /// - Returns: the greatest weight of a server beside the others' mean, in those ticks.
  @discardableResult
  private func run(
    _ cluster: inout FluidCluster, _ strategy: inout BackendStrategy, ticks: Int, watching: Int = 2
  ) -> (mostShare: Double, last: Plan?, writes: Int) {
    var (most, writes) = (0.0, 0)
    var last: Plan?
    for _ in 0..<ticks {
      let outcome = cluster.tick(&strategy)
      (last, writes) = (outcome.plan, writes + outcome.writes)
      let sum = cluster.servers.reduce(0) { $0 + Double($1.weight) }
      most = max(most, Double(cluster.servers[watching].weight) / sum)
    }
    return (most, last, writes)
  }

  private func doubt(_ plan: Plan?, _ server: ServerName) -> Doubt? {
    guard case .keep(.doubted(let doubt)) = plan?.server(server)?.target else { return nil }
    return doubt
  }

  @Test(arguments: Kind.allCases, [0, 10])
  func `a counter that stands still never brings its server more`(kind: Kind, after: Int) {
    var cluster = cluster()
    cluster.servers[0].quota = 0.3
    var strategy = BackendStrategy(kind)
    run(&cluster, &strategy, ticks: after)
    let share = cluster.observation().servers[2].share
    cluster.servers[2].shown = 0
    let (most, last, _) = run(&cluster, &strategy, ticks: 60)
    #expect(most <= share * 1.15)
    #expect(doubt(last, "s3") == .standsStill)
    // The others go on: the smaller of the two has less.
    #expect(cluster.servers[0].weight < cluster.servers[1].weight)
  }

  @Test func `a server whose counter moves again is steered again`() {
    var cluster = cluster()
    var strategy = BackendStrategy(.capacity)
    cluster.servers[2].shown = 0
    run(&cluster, &strategy, ticks: 10)
    cluster.servers[2].shown = 1
    let (most, last, _) = run(&cluster, &strategy, ticks: 12)
    #expect(last?.server("s3")?.measured != nil)
    #expect(most < 0.36)
    #expect(cluster.spread < 1.05)
  }

  @Test(arguments: Kind.allCases)
  func `where all counters stand still all weights stay`(kind: Kind) {
    var cluster = cluster()
    var strategy = BackendStrategy(kind)
    for index in cluster.servers.indices { cluster.servers[index].shown = 0 }
    let (_, last, writes) = run(&cluster, &strategy, ticks: 60)
    #expect(writes == 0)
    #expect(cluster.servers.allSatisfy { doubt(last, $0.name) == .standsStill })
  }

  @Test(arguments: Kind.allCases, [0, 10])
  func `a counter that shows a twentieth brings nothing for five minutes`(kind: Kind, after: Int) {
    var cluster = cluster()
    var strategy = BackendStrategy(kind)
    run(&cluster, &strategy, ticks: after)
    cluster.servers[2].shown = 0.05
    let (most, last, _) = run(&cluster, &strategy, ticks: 28)
    #expect(most <= 0.35)
    guard case .tooCheap(let part, let reference) = doubt(last, "s3") else {
      Issue.record("not doubted")
      return
    }
    #expect(isNear(part, 0.05, 0.01))
    #expect(reference == (after == 0 ? .peers : .past))
  }

  @Test func `a server that really is that cheap is levelled in the end`() {
    var cluster = cluster()
    cluster.servers[2].cost /= 20
    cluster.demand = 100
    var strategy = BackendStrategy(.capacity)
    run(&cluster, &strategy, ticks: 25)
    #expect(cluster.spread > 1.4)
    let (_, last, _) = run(&cluster, &strategy, ticks: 30)
    #expect(last?.server("s3")?.measured != nil)
    #expect(cluster.spread < 1.1)
  }

  @Test func `a deployment that makes all requests cheaper is believed`() {
    var cluster = cluster()
    var strategy = BackendStrategy(.capacity)
    run(&cluster, &strategy, ticks: 10)
    for index in cluster.servers.indices { cluster.servers[index].cost /= 12 }
    for _ in 0..<20 {
      let plan = cluster.tick(&strategy).plan
      #expect(cluster.servers.allSatisfy { doubt(plan, $0.name)?.isLasting != true })
    }
    #expect(cluster.spread < 1.05)
  }

  @Test func `a cost that leaps is believed when it shows for the second time`() {
    var cluster = cluster()
    var strategy = BackendStrategy(.capacity)
    run(&cluster, &strategy, ticks: 10)
    cluster.servers[0].cost *= 5
    cluster.demand = 60
    let before = cluster.servers.map(\.weight)
    cluster.tick(&strategy)
    #expect(cluster.servers.map(\.weight) == before)
    run(&cluster, &strategy, ticks: 8)
    #expect(cluster.spread < 1.1)
  }

  @Test(arguments: [2.5, 3.5, 3.9]) func `one that begins cold and warms up is not too cheap`(
    cold: Double
  ) {
    var cluster = cluster()
    var strategy = BackendStrategy(.capacity)
    run(&cluster, &strategy, ticks: 20)
    cluster.servers[0].id = "second"
    let warm = cluster.servers[0].cost
    cluster.servers[0].cost = warm * cold
    run(&cluster, &strategy, ticks: 15)
    cluster.servers[0].cost = 0.9 * warm
    for _ in 0..<15 {
      let plan = cluster.tick(&strategy).plan
      #expect(doubt(plan, "s1")?.isLasting != true)
    }
    #expect(cluster.spread < 1.1)
  }

  @Test func `one that stops between two looks is held at once`() {
    var cluster = cluster()
    var strategy = BackendStrategy(.capacity)
    for _ in 0..<10 {
      cluster.run(1)
      cluster.sample()
      _ = cluster.write(strategy.plan(for: cluster.observation()))
    }
    let share = cluster.observation().servers[2].share
    cluster.servers[2].shown = 0
    for _ in 0..<20 {
      cluster.run(1)
      cluster.sample()
      _ = cluster.write(strategy.plan(for: cluster.observation()))
      #expect(cluster.observation().servers[2].share <= share * 1.05)
    }
  }

  @Test func `a spike elsewhere makes no server look cheap`() {
    var cluster = cluster()
    var strategy = BackendStrategy(.capacity)
    run(&cluster, &strategy, ticks: 10)
    for index in 0..<2 { cluster.servers[index].cpuSeconds += 20 }
    let plan = cluster.tick(&strategy).plan
    #expect(doubt(plan, "s3") == nil)
  }

  @Test func `what an old process serves after a reload is not learned as a cost`() {
    var cluster = cluster()
    var strategy = BackendStrategy(.capacity)
    run(&cluster, &strategy, ticks: 10)
    let before = strategy.plan(for: cluster.observation()).server("s1")?.costPerRequest ?? 0
    let reloaded = cluster.now
    for _ in 0..<10 {
      cluster.run(10)
      // Half as much again is served for clients whom nobody counts.
      for index in cluster.servers.indices {
        cluster.servers[index].cpuSeconds += cluster.rate(cluster.servers[index]) * 0.025
      }
      cluster.sample()
      var observation = cluster.observation()
      observation.reloadedAt = reloaded
      _ = strategy.plan(for: observation)
    }
    #expect(strategy.findings.oldProcessServes)
    let after = strategy.plan(for: cluster.observation()).server("s1")?.costPerRequest ?? 0
    #expect(isNear(after, before, before * 0.1))
  }

  @Test func `an old process that serves on one server alone is seen there, and not learned`() {
    var cluster = cluster()
    var strategy = BackendStrategy(.capacity)
    run(&cluster, &strategy, ticks: 10)
    let before = strategy.plan(for: cluster.observation()).server("s1")?.costPerRequest ?? 0
    let reloaded = cluster.now
    for _ in 0..<30 {
      cluster.run(10)
      cluster.servers[0].cpuSeconds += cluster.rate(cluster.servers[0]) * 0.05
      cluster.sample()
      var observation = cluster.observation()
      observation.reloadedAt = reloaded
      _ = strategy.plan(for: observation)
    }
    #expect(strategy.findings.oldProcessServes)
    let after = strategy.plan(for: cluster.observation()).server("s1")?.costPerRequest ?? 0
    #expect(isNear(after, before, before * 0.05))
  }

  @Test func `one server that is dearer long after a reload is levelled by it`() {
    var cluster = cluster()
    var strategy = BackendStrategy(.capacity)
    run(&cluster, &strategy, ticks: 10)
    let reloaded = cluster.now
    cluster.servers[0].cost *= 1.6
    for _ in 0..<90 {
      cluster.run(10)
      cluster.sample()
      var observation = cluster.observation()
      observation.reloadedAt = reloaded
      _ = cluster.write(strategy.plan(for: observation))
    }
    #expect(!strategy.findings.oldProcessServes)
    #expect(cluster.spread < 1.05)
  }

  @Test func `an idle server is not doubted`() {
    var cluster = cluster()
    cluster.demand = 0
    var strategy = BackendStrategy(.capacity)
    let (_, last, _) = run(&cluster, &strategy, ticks: 40)
    #expect(cluster.servers.allSatisfy { doubt(last, $0.name) == nil })
  }

  // MARK: Hosts

  @Test func `a host whose counter stands still holds those that only it limits`() {
    var cluster = FluidCluster(quotas: [0.5, 0.5, 0.5, 0.5], load: 0.5, hostCores: 1)
    cluster.servers[0].host = "h1"
    for (index, host) in ["h1", "h1", "h2", "h2"].enumerated() {
      cluster.servers[index].host = HostName(host)
    }
    cluster.hosts["h2"] = FluidCluster.Host(cores: 1)
    cluster.servers[1].quota = nil
    var strategy = BackendStrategy(.capacity)
    run(&cluster, &strategy, ticks: 5)
    cluster.hosts["h1"]?.shown = 0
    let (_, last, _) = run(&cluster, &strategy, ticks: 5)
    #expect(strategy.findings.hosts == ["h1": .lessThanItsContainers])
    #expect(doubt(last, "s2") == .hostNotBelieved)
    #expect(doubt(last, "s1") == nil && last?.server("s1")?.measured != nil)
    cluster.hosts["h1"]?.shown = 1
    run(&cluster, &strategy, ticks: 5)
    #expect(strategy.findings.hosts.isEmpty)
  }

  @Test func `a host that uses more than it has is left out, and quotas go on`() throws {
    var cluster = FluidCluster(quotas: [0.5, 0.25, 0.5, 0.25], load: 0.5, hostCores: 4)
    for (index, host) in ["h1", "h1", "h2", "h2"].enumerated() {
      cluster.servers[index].host = HostName(host)
    }
    cluster.hosts["h2"] = FluidCluster.Host(cores: 2, neighbours: 6.5)
    var strategy = BackendStrategy(.capacity)
    let (_, last, _) = run(&cluster, &strategy, ticks: 10)
    guard case .moreThanItHas(let cores) = strategy.findings.hosts["h2"] else {
      Issue.record("believed")
      return
    }
    #expect(isNear(cores, 6.9, 0.1))
    #expect(last?.server("s3")?.utilisation?.limit == .quota)
    #expect(cluster.spread < 1.05)
  }
}
