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

  @Test(
    arguments: BackendStrategy.Kind.allCases, [BackendObservation.Discipline.rate, .drawn])
  func `sticky clients are found out, and not fought`(
    kind: BackendStrategy.Kind, discipline: BackendObservation.Discipline
  ) throws {
    var cluster = pinned()
    cluster.discipline = discipline
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

  /// Whether traffic is found astray at each of some looks, ten seconds apart, of a server with a quarter of
  /// the weights: what it got is a part, and so is what of all requests in flight was there.
  private func astray(
    _ discipline: BackendObservation.Discipline,
    _ looks: [(came: Double, inFlight: Double, all: Double)]
  ) -> [Bool] {
    var (counts, following) = (BackendCounts(), Following())
    var arrived = [0.0, 0, 0, 0]
    return looks.enumerated().map { number, look in
      let at = Timestamp(nanoseconds: 1_600_000_000_000_000_000 + Int64(number) * 10_000_000_000)
      let servers = arrived.indices.map { index in
        let came = index == 0 ? look.came : (1 - look.came) / 3
        let inFlight = look.all * (index == 0 ? look.inFlight : (1 - look.inFlight) / 3)
        arrived[index] += 1000 * came
        return ServerObservation(
          name: ServerName("s\(index + 1)"), state: .up, share: 0.25,
          requests: RequestCounters(
            arrived: arrived[index], done: arrived[index] - inFlight, inFlight: inFlight),
          container: nil)
      }
      following.observe(
        counts.tick(
          BackendObservation(
            now: at, intervalSeconds: 10, discipline: discipline, servers: servers, hosts: [:],
            lastWrite: nil)))
      return following.astray != nil
    }
  }

  @Test func `a server that stalls and then fails at once is no traffic astray`() {
    let stalls = Array(repeating: (came: 0.02, inFlight: 0.9, all: 100.0), count: 6)
    let fails = Array(repeating: (came: 0.5, inFlight: 0.0, all: 6.0), count: 60)
    #expect(!astray(.drawn, stalls + fails + stalls).contains(true))
  }

  @Test(arguments: [
    // One that answers at once, as one that fails does, and one where requests wait.
    (came: 0.5, inFlight: 0.0, all: 20.0, isAstray: false),
    (came: 0.02, inFlight: 0.8, all: 20, isAstray: false),
    (came: 0.5, inFlight: 0.0, all: 1.5, isAstray: false),
    // Pinned clients bring what is in flight along, and leave nothing where they are not.
    (came: 0.5, inFlight: 0.6, all: 20, isAstray: true),
    (came: 0.02, inFlight: 0.01, all: 20, isAstray: true),
    (came: 0.5, inFlight: 0.5, all: 1.5, isAstray: true),
    // So few are never in each other's way.
    (came: 0.5, inFlight: 0.0, all: 0.1, isAstray: true),
  ])
  func `where the balancer sees what is in flight, what that explains is no traffic astray`(
    came: Double, inFlight: Double, all: Double, isAstray: Bool
  ) {
    func isFound(_ discipline: BackendObservation.Discipline) -> Bool {
      let parts = Array(repeating: (came: came, inFlight: inFlight, all: all), count: 60)
      return astray(discipline, parts).last == true
    }
    #expect(isFound(.drawn) == isAstray)
    #expect(isFound(.rate))
    #expect(!isFound(.inFlight))
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
