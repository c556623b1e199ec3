import Balancing
import Control
import Testing

@testable import Simulation

/// Daemons that tell each other, through partitions, delays, restarts and failovers.
@Suite struct PeerGateTests {
  private static let quotas = [0.4, 0.4, 0.8, 0.8, 1.6, 2.4]
  private static let factors = [1.0, 1.6, 1, 0.7, 1, 1.3]

  /// Servers whose requests cost differently, before two balancers.
  private static func pair(
    _ shares: [Double], seconds: Double, load: Double = 0.6, events: [(Double, Event.Change)]
  ) -> Scenario {
    let cost = 0.02
    let capacity = zip(quotas, factors).reduce(0) { $0 + $1.0 / $1.1 / cost }
    var scenario = Scenario(
      name: "pair", durationSeconds: seconds, request: RequestModel(cpuSeconds: cost),
      demand: DemandModel(requestsPerSecond: load * capacity),
      hosts: quotas.indices.map { HostModel(name: HostName("h\($0)"), cores: 4) },
      servers: zip(quotas, factors).enumerated().map { index, kind in
        var server = ServerModel(name: ServerName("s\(index)"), host: HostName("h\(index)"))
        server.quotaCores = kind.0
        server.costFactor = kind.1
        return server
      })
    scenario.daemons = .peers
    scenario.balancers = shares.enumerated().map { index, share in
      var balancer = BalancerModel()
      balancer.name = BalancerName("lb\(index + 1)")
      balancer.share = share
      return balancer
    }
    scenario.events = events.map { Event(atSeconds: $0.0, $0.1) }.sorted {
      $0.atSeconds < $1.atSeconds
    }
    return scenario
  }

  private static func cut(_ isCut: Bool) -> Event.Change {
    var change = Event.DaemonChange()
    change.isCut = isCut
    return .daemon("lb1", change)
  }

  private static var restart: Event.Change {
    var change = Event.DaemonChange()
    change.restarts = true
    return .daemon("lb2", change)
  }

  private static func run(_ scenario: Scenario, seed: UInt64) async -> (RunRecord, [RunLog.Daemon])
  {
    let log = RunLog()
    let record = await SimulationRun(scenario: scenario, strategy: .capacity, seed: seed)
      .run(log: log)
    return (record, log.daemons)
  }

  private static func spread(_ record: RunRecord, _ seconds: Range<Int>) -> Double {
    spreadOf(MovingUtilisation(record.seconds).averages(over: seconds).compactMap(\.self))
  }

  private static func spreadOf(_ loads: [Double]) -> Double {
    guard let worst = loads.max(), !loads.isEmpty else { return .infinity }
    return worst * Double(loads.count) / loads.reduce(0, +)
  }

  private static func p99(_ record: RunRecord, _ seconds: Range<Double>) -> Double {
    let times = record.requests.filter {
      seconds.contains(Double($0.endedAtSeconds - $0.latencySeconds))
    }.map(\.latencySeconds).sorted()
    return times.isEmpty ? .infinity : Double(times[times.count * 99 / 100])
  }

  /// The tail in the mean of three seeds: of one a minute's p99 is chance by a quarter.
  @Test func `a standby that has just begun is level within an interval of all traffic's coming`()
    async
  {
    let scenario = Self.pair(
      [1, 0], seconds: 400,
      events: [
        // It begins anew, and one interval later the active one is gone, with its daemon.
        (300, Self.restart), (300, .reload("lb2", restoresCounters: false)),
        (310, .share("lb1", 0)), (310, .share("lb2", 1)), (310, Self.cut(true)),
      ])
    var (steady, first) = (0.0, 0.0)
    for seed in UInt64(1)...3 {
      let (record, _) = await Self.run(scenario, seed: seed)
      let (before, after) = (Self.spread(record, 240..<300), Self.spread(record, 320..<380))
      #expect(after <= 1.1 * before, "seed \(seed): \(before), then \(after)")
      steady += Self.p99(record, 180..<300)
      first += Self.p99(record, 310..<370)
    }
    #expect(first <= 1.2 * steady, "p99 \(steady / 3), then \(first / 3)")
  }

  @Test(arguments: [[0.5, 0.5], [0.7, 0.3], [0.2, 0.3, 0.5]])
  func `after a partition all agree within three intervals`(shares: [Double]) async {
    let scenario = Self.pair(
      shares, seconds: 620,
      events: [
        (300, Self.cut(true)), (500, Self.cut(false)),
        (350, .reload("lb2", restoresCounters: false)),
      ])
    for seed in UInt64(1)...3 {
      let (record, daemons) = await Self.run(scenario, seed: seed)
      let violations = daemons.flatMap {
        HistoryCheck.violations(
          in: $0.reports, settings: $0.settings, truth: GroundTruth(scenario, record.seconds))
      }
      #expect(violations.isEmpty, "\(violations.prefix(3))")
      let apart = PeersCheck.apart(daemons, from: 530, to: 619).sorted()
      #expect(apart[apart.count / 2] <= 0.01, "seed \(seed): \(apart), \(record.finalWeights)")
      let halves = PeersCheck.writesOnAPart(
        daemons, arrived: record.seconds.map(\.arrived), from: 100)
      #expect(halves.isEmpty, "seed \(seed): \(halves.prefix(3))")
      let jumps = PeersCheck.worstCostJump(daemons, from: 250)
      #expect(jumps <= 1.35, "seed \(seed): \(jumps)")
    }
  }

  @Test func `what is told late is counted none the less`() async {
    var late = Event.DaemonChange()
    late.toldLateSeconds = 12
    let scenario = Self.pair([0.5, 0.5], seconds: 500, events: [(0, .daemon("lb1", late))])
    let (record, daemons) = await Self.run(scenario, seed: 5)
    #expect(Self.spread(record, 300..<500) <= 1.08)
    let apart = PeersCheck.apart(daemons, from: 400, to: 499).sorted()
    #expect(apart[apart.count / 2] <= 0.01, "\(apart), \(record.finalWeights)")
  }

  @Test func `a balancer that flaps beside a peer begins nothing anew there`() async {
    var scenario = Self.pair([0.6, 0.4], seconds: 500, events: [])
    scenario.events = [Event(atSeconds: 200, .reload("lb2", restoresCounters: false))]
    scenario.events[0].repetition = Event.Repetition(everySeconds: 25, untilSeconds: 500)
    let (_, daemons) = await Self.run(scenario, seed: 4)
    let mine = daemons.filter { !$0.settings.peers.contains("lb1") }
    let writes = mine.flatMap(\.reports).filter {
      $0.snapshot.at.seconds(since: Cluster.epoch) > 230
    }.flatMap(\.events).count { if case .weightChanged = $0 { true } else { false } }
    #expect(writes <= 18, "\(writes)")
    #expect(PeersCheck.worstCostJump(mine, from: 200) <= 1.35)
  }
}

/// The checks of what daemons agree on see what they are for.
@Suite struct PeersCheckTests: HandMadeHistory {
  private func daemon(
    _ reports: TickReport...
  ) -> RunLog.Daemon { RunLog.Daemon(settings: settings, reports: reports) }

  @Test func `weights that mean other shares are apart, and other scales are not`() {
    let first = daemon(report(1, [server("a", 50), server("b", 50)]))
    let same = daemon(report(1, [server("a", 200), server("b", 200)]))
    let other = daemon(report(1, [server("a", 30), server("b", 10)]))
    #expect(PeersCheck.apart([first, same], from: 10, to: 12) == [0, 0, 0])
    let apart = PeersCheck.apart([first, other], from: 10, to: 10)
    #expect(apart.count == 1)
    #expect(abs((apart.first ?? 0) - 0.25 / 0.75) < 1e-9)
    #expect(PeersCheck.apart([first], from: 10, to: 12).isEmpty)
  }

  @Test func `a write by half of what clients sent is found, and one by all of it is not`() {
    let sent = [Int](repeating: 100, count: 100)
    func found(demand: Double, _ reason: WeightChange.Reason) -> Int {
      let tick = report(
        5, [server("a", 50)], writing: [change("a", 50, 60, reason)], demandPerSecond: demand)
      return PeersCheck.writesOnAPart([daemon(tick)], arrived: sent, from: 40).count
    }
    #expect(found(demand: 50, .levelling(nil, mean: nil)) == 1)
    #expect(found(demand: 95, .levelling(nil, mean: nil)) == 0)
    #expect(found(demand: 50, .restored) == 0)
  }

  @Test func `a cost that jumps is found`() {
    func tick(_ number: Int, cost: Double) -> TickReport {
      var server = server("a", 50)
      server.costPerRequest = cost
      return report(number, [server])
    }
    let steady = daemon(tick(1, cost: 0.01), tick(2, cost: 0.011))
    let jumping = daemon(tick(1, cost: 0.01), tick(2, cost: 0.02))
    #expect(PeersCheck.worstCostJump([steady], from: 0) < 1.11)
    #expect(abs(PeersCheck.worstCostJump([jumping], from: 0) - 2) < 1e-9)
    #expect(PeersCheck.worstCostJump([jumping], from: 25) == 1)
  }
}
