import Testing

@testable import Balancing

/// Limits that nobody tells.
@Suite struct SeenLimitTests {
  /// Two servers behind a quota that their own spec does not tell, and a third that tells its own.
  private func cluster() -> FluidCluster {
    var cluster = FluidCluster(quotas: [0.25, 0.25, 0.5], cost: 0.01, load: 0.7)
    for index in 0..<3 {
      cluster.servers[index].host = HostName("h\(index + 1)")
      cluster.hosts[HostName("h\(index + 1)")] = FluidCluster.Host(cores: 8)
    }
    cluster.servers[0].told = 8
    cluster.servers[1].told = 2
    return cluster
  }

  @Test func `what a server does while requests wait is all that it can do`() {
    var cluster = cluster()
    var strategy = BackendStrategy(.capacity)
    for _ in 0..<12 {
      cluster.run(2)
      cluster.sample()
      _ = cluster.write(strategy.plan(for: cluster.observation()))
    }
    for _ in 0..<20 { cluster.tick(&strategy) }
    #expect(cluster.servers.allSatisfy { $0.queue < 5 })
    #expect(cluster.spread < 1.25)
    let limits = strategy.plan(for: cluster.observation()).servers.map { $0.utilisation?.limit }
    #expect(limits == [.seen, .seen, .quota])
  }

  @Test func `once seen it stands, without a saw-tooth`() {
    var cluster = cluster()
    var strategy = BackendStrategy(.capacity)
    for _ in 0..<30 { cluster.tick(&strategy) }
    var writes = 0
    var longest = 0.0
    for _ in 0..<180 {
      writes += cluster.tick(&strategy).writes
      longest = max(longest, cluster.servers.map(\.queue).max() ?? 0)
    }
    // Trials at growing distances are all there is.
    #expect(longest < 60)
    #expect(writes < 60)
  }

  fileprivate static func look(
    _ samples: [(Double, Double)], isWaiting: Bool, told: Double = 2
  ) -> SeenLimit.Look {
    let run = SampleRun(samples.map { sample($0.0, $0.1) })
    return SeenLimit.Look(
      id: "c1",
      run: run, inFlight: isWaiting ? 20 : 0, waiting: isWaiting ? 20 : 0, told: told, host: nil,
      now: at(samples.last?.0 ?? 0))
  }

  /// One container, looked at each second.
  private struct Watched {
    var limit = SeenLimit()
    private var samples: [(Double, Double)] = [(0, 0)]

    init() {}

    mutating func go(_ seconds: Int, cores: Double, isWaiting: Bool) {
      for _ in 0..<seconds {
        let last = samples.last ?? (0, 0)
        samples.append((last.0 + 1, last.1 + cores))
        limit.observe(SeenLimitTests.look(samples.suffix(60), isWaiting: isWaiting), interval: 10)
      }
    }
  }

  @Test func `a queue at the limit that is told teaches no other`() {
    var limit = SeenLimit()
    for second in stride(from: 0.0, through: 60, by: 2) {
      limit.observe(
        Self.look([(0, 0), (second + 0.001, 1.9 * second)], isWaiting: true), interval: 10)
    }
    #expect(limit.cores == nil)
  }

  @Test func `a full host explains a queue`() {
    var limit = SeenLimit()
    for second in stride(from: 2.0, through: 60, by: 2) {
      let run = SampleRun((0...Int(second)).map { sample(Double($0), 0.5 * Double($0)) })
      let host = SampleRun((0...Int(second)).map { sample(Double($0), 3.9 * Double($0)) })
      limit.observe(
        SeenLimit.Look(
          id: "c1",
          run: run, inFlight: 20, waiting: 20, told: 4, host: (host, 4), now: at(second)),
        interval: 10)
    }
    #expect(limit.cores == nil)
  }

  @Test func `what it used while it took no traffic is no measure of what it can do`() {
    var limit = SeenLimit()
    limit.observe(Self.look([(0, 0), (10, 10)], isWaiting: false), interval: 10)
    // It is down for long, and full from the first moment that it is back.
    var samples = [(10.0, 10.0)]
    for second in stride(from: 20.0, through: 100, by: 10) {
      samples.append((second, 10))
      limit.rest(at: at(second + 2))
    }
    for (second, used) in [(110.0, 26.0), (120, 46), (130, 66)] {
      samples.append((second, used))
      limit.observe(Self.look(samples, isWaiting: true), interval: 10)
      #expect(limit.cores == nil)
    }
  }

  @Test func `it is raised by what is shown, and tried after ten minutes, then after twenty`() {
    var watched = Watched()
    func isNow(_ cores: Double) -> Bool { watched.limit.cores.map { isNear($0, cores) } ?? false }
    watched.go(10, cores: 0.5, isWaiting: true)
    #expect(isNow(0.5))
    watched.go(10, cores: 0.6, isWaiting: false)
    #expect(isNow(0.6))
    watched.go(570, cores: 0.4, isWaiting: false)
    #expect(isNow(0.6))
    watched.go(30, cores: 0.4, isWaiting: false)
    #expect(watched.limit.cores.map { $0 > 0.7 } == true)
    // A queue again: that was all, and it is left alone for longer.
    watched.go(10, cores: 0.6, isWaiting: true)
    #expect(isNow(0.6))
    watched.go(1190, cores: 0.4, isWaiting: false)
    #expect(isNow(0.6))
    watched.go(200, cores: 0.4, isWaiting: false)
    #expect(watched.limit.cores == nil)
  }

  @Test func `what holds a server up for a moment is no limit if it has shown more`() {
    var watched = Watched()
    watched.go(60, cores: 1.2, isWaiting: false)
    watched.go(4, cores: 0.3, isWaiting: true)
    watched.go(60, cores: 1.2, isWaiting: false)
    #expect(watched.limit.cores == nil)
  }

  @Test func `two moments are not one that lasts, with a rest between them`() {
    var watched = Watched()
    watched.go(60, cores: 1.2, isWaiting: false)
    watched.go(4, cores: 0.3, isWaiting: true)
    watched.limit.rest(at: at(64))
    watched.go(4, cores: 0.3, isWaiting: true)
    #expect(watched.limit.cores == nil)
  }

  @Test func `what holds it up for longer stands as long again, and longer each time it is back`() {
    var watched = Watched()
    watched.go(60, cores: 1.2, isWaiting: false)
    var stood: [Int] = []
    for _ in 0..<3 {
      watched.go(7, cores: 0.3, isWaiting: true)
      #expect(watched.limit.cores.map { isNear($0, 0.3) } == true)
      var seconds = 0
      while !watched.limit.isTrying, seconds < 600 {
        watched.go(1, cores: 0.2, isWaiting: false)
        seconds += 1
      }
      stood.append(seconds)
      // Nothing waits in the trial: there is more.
      watched.go(120, cores: 0.2, isWaiting: false)
      #expect(watched.limit.cores == nil)
    }
    let first = stood[0]
    #expect((3...12).contains(first), "\(stood)")
    #expect(2 * stood[1] >= 3 * first && stood[2] >= 3 * first, "\(stood)")
  }
}
