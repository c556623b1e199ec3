import FoundationEssentials
import Testing

@testable import Balancing

/// Which strategy plans.
@Suite struct BackendStrategyTests {
  /// Sessions that are opened once and stay: three servers of unequal quotas.
  private func run(
    _ strategy: inout BackendStrategy, ticks: Int, open: Double, ended: Double = 0,
    arriving: Double = 0, cores: Double = 0.05
  ) -> [Plan] {
    var cluster = FluidCluster(quotas: [0.1, 0.2, 0.3], load: 0)
    return (0..<ticks).map { _ in
      cluster.run(10)
      for index in cluster.servers.indices {
        cluster.servers[index].cpuSeconds += cores * 10
        cluster.servers[index].queue = open
        cluster.servers[index].done += ended
        cluster.servers[index].arrived += ended + arriving
      }
      cluster.sample()
      let plan = strategy.plan(for: cluster.observation())
      // Open sessions are no queue that the fluid would work off.
      for index in cluster.servers.indices { cluster.servers[index].queue = 0 }
      return plan
    }
  }

  @Test func `halfway plans while sessions last for minutes`() {
    var strategy = BackendStrategy(.capacity)
    let plans = run(&strategy, ticks: 32, open: 50)
    let fellBack = strategy.isFallingBack
    #expect(fellBack)
    #expect(plans[20].verdict == .hold(.learning))
    #expect(plans.last?.verdict == .change)
    #expect(plans.last?.nextTick == .usual)
  }

  @Test func `while sessions last for minutes it writes every ten minutes at most`() {
    var strategy = BackendStrategy(.capacity)
    var cluster = FluidCluster(quotas: [0.1, 0.2, 0.3], load: 0)
    var writes: [Double] = []
    for _ in 0..<240 {
      cluster.run(10)
      for index in cluster.servers.indices {
        cluster.servers[index].cpuSeconds += 0.5
        cluster.servers[index].queue = 50
      }
      cluster.sample()
      let plan = strategy.plan(for: cluster.observation())
      if cluster.write(plan) > 0 {
        cluster.lastWrite = cluster.now
        writes.append(cluster.seconds)
      }
      for index in cluster.servers.indices { cluster.servers[index].queue = 0 }
    }
    #expect(writes.count > 1)
    for (earlier, later) in zip(writes, writes.dropFirst()) { #expect(later - earlier >= 600) }
  }

  @Test func `capacity plans again when sessions end`() {
    var strategy = BackendStrategy(.capacity)
    _ = run(&strategy, ticks: 32, open: 50)
    let fellBack = strategy.isFallingBack
    #expect(fellBack)
    _ = run(&strategy, ticks: 32, open: 50, ended: 100)
    let fallsBack = strategy.isFallingBack
    #expect(!fallsBack)
  }

  /// Requests that have just begun are no long sessions, however long nobody was there before.
  @Test func `a backend that comes out of maintenance is watched from then on`() {
    var strategy = BackendStrategy(.capacity)
    var cluster = FluidCluster(quotas: [0.1, 0.2, 0.3], load: 0)
    let fallsBack = (0..<64).map { tick in
      cluster.run(10)
      for index in cluster.servers.indices {
        cluster.servers[index].state = tick < 40 ? .maintenance : .up
        cluster.servers[index].cpuSeconds += 0.5
        cluster.servers[index].queue = tick < 40 ? 0 : 2
      }
      cluster.sample()
      _ = strategy.plan(for: cluster.observation())
      for index in cluster.servers.indices { cluster.servers[index].queue = 0 }
      return strategy.isFallingBack
    }
    #expect(!fallsBack.contains(true))
  }

  @Test func `an idle backend is idle`() {
    var strategy = BackendStrategy(.capacity)
    _ = run(&strategy, ticks: 40, open: 0)
    let fallsBack = strategy.isFallingBack
    #expect(!fallsBack)
  }

  @Test func `a backend that fails its requests has no long sessions`() {
    var strategy = BackendStrategy(.capacity)
    _ = run(&strategy, ticks: 40, open: 50, arriving: 30)
    let fallsBack = strategy.isFallingBack
    #expect(!fallsBack)
  }

  @Test func `sessions that use no CPU are not levelled`() {
    var strategy = BackendStrategy(.capacity)
    _ = run(&strategy, ticks: 40, open: 50, cores: 0)
    let fallsBack = strategy.isFallingBack
    #expect(!fallsBack)
  }

  @Test func `a reload keeps what was learned unless the kind changes`() {
    var cluster = FluidCluster(quotas: [0.1, 0.2, 0.3], load: 0.5)
    var strategy = BackendStrategy(.capacity)
    for _ in 0..<5 { cluster.tick(&strategy) }
    let isKept = strategy.reconfigured(as: .capacity) == strategy
    #expect(isKept)
    let isNew = strategy.reconfigured(as: .halfway) == BackendStrategy(.halfway)
    #expect(isNew)
  }

  @Test(arguments: BackendStrategy.Kind.allCases)
  func `what was learned can be kept in a file`(kind: BackendStrategy.Kind) throws {
    var cluster = FluidCluster(quotas: [0.1, 0.2, 0.3], load: 0.5)
    var strategy = BackendStrategy(kind)
    for _ in 0..<5 { cluster.tick(&strategy) }
    let file = try JSONEncoder().encode(strategy)
    var restored = try JSONDecoder().decode(BackendStrategy.self, from: file)
    let isSame = restored == strategy
    #expect(isSame)
    var (one, other) = (cluster, cluster)
    let plans = (one.tick(&strategy).plan, other.tick(&restored).plan)
    #expect(plans.0 == plans.1)
  }
}
