import Testing

@testable import Balancing

/// Traffic that does not follow weights.
@Suite struct FollowingTests {
  private func pinned() -> FluidCluster {
    var cluster = FluidCluster(quotas: [0.5, 0.5, 0.5, 0.5], load: 0.6)
    for index in 0..<4 {
      cluster.servers[index].host = HostName("h\(index + 1)")
      cluster.hosts[HostName("h\(index + 1)")] = FluidCluster.Host(cores: 4)
    }
    cluster.servers[0].pinned = cluster.demand * 0.3
    return cluster
  }

  @Test(arguments: BackendStrategy.Kind.allCases)
  func `sticky clients are found out, and not fought`(kind: BackendStrategy.Kind) throws {
    var cluster = pinned()
    var strategy = BackendStrategy(kind)
    for _ in 0..<30 { cluster.tick(&strategy) }
    let astray = try #require(strategy.findings.astray)
    #expect(astray.server == "s1")
    #expect(astray.seen > astray.wanted * 1.5)
    var writes = 0
    for _ in 0..<180 { writes += cluster.tick(&strategy).writes }
    #expect(writes <= 12)
    let weights = cluster.servers.map(\.weight)
    #expect((weights.min() ?? 0) * 8 > weights.max() ?? 0)
  }

  @Test func `when clients let go, weights are written as ever`() {
    var cluster = pinned()
    var strategy = BackendStrategy(.capacity)
    for _ in 0..<30 { cluster.tick(&strategy) }
    cluster.servers[0].pinned = 0
    for _ in 0..<20 { cluster.tick(&strategy) }
    #expect(strategy.findings.astray == nil)
    #expect(cluster.spread < 1.05)
  }

  @Test func `traffic that follows is left in peace`() {
    var cluster = pinned()
    cluster.servers[0].pinned = 0
    cluster.servers[1].quota = 0.2
    var strategy = BackendStrategy(.capacity)
    for _ in 0..<60 {
      cluster.tick(&strategy)
      #expect(strategy.findings.astray == nil)
    }
  }
}
