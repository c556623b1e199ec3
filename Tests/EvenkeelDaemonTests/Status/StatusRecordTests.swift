import Balancing
import FoundationEssentials
import TestSupport
import Testing

@testable import Control
@testable import EvenkeelDaemon

@Suite struct StatusRecordTests {
  @Test func `before the first tick it is not ready, and has what was configured`() {
    let report = RecordedCluster.make().report
    #expect(!report.ready)
    #expect(report.tick == 0)
    #expect(report.tickAt == nil)
    #expect(report.intervalSeconds == 10)
    #expect(report.backends.isEmpty)
  }

  @Test func `it shows what the last tick saw, and every weight that was written since`() async {
    var run = RecordedCluster.make()
    await run.run(ticks: 6)
    let report = run.report
    #expect(report.ready && report.tick == 6 && report.tickSeconds == 0.02)
    #expect(report.endpoints.map(\.host) == ["web1", "web2"])
    #expect(
      report.endpoints.allSatisfy { $0.up && $0.failures == 0 && $0.answeredAt == report.now })
    let shop = report.backends[0]
    #expect(shop.servers.map(\.name) == ["a", "b", "c"])
    #expect(shop.servers.allSatisfy { $0.held == nil && $0.sampleAgeSeconds == 0 })
    #expect(
      shop.servers.map(\.weights[0].standing) == ["a", "b", "c"].map { run.cluster.weight($0) })
    #expect(shop.changes.count == report.weightChanges && report.weightChanges > 0)
    for server in shop.servers {
      let last = shop.changes.first { $0.server == server.name }
      #expect(last == nil || last?.new == server.weights[0].standing)
    }
  }

  @Test func `changes are kept in number, newest first`() async {
    var run = RecordedCluster.make()
    // Quotas that change places make the weights move.
    for round in 0..<60 {
      run.cluster.change { state in
        state.servers[0].quotaCores = round.isMultiple(of: 2) ? 0.5 : 2
      }
      await run.run(ticks: 1)
    }
    let changes = run.report.backends[0].changes
    #expect(changes.count == min(run.report.weightChanges, StatusRecord.mostChanges))
    #expect(changes.map(\.at.text) == changes.map(\.at.text).sorted(by: >))
  }

  @Test func `a tick's short report has the verdicts of the whole one`() async {
    var run = RecordedCluster.make(slots: 2)
    await run.run(ticks: 6)
    run.cluster.change { state in
      state.servers[0].state = .maintenance
      state.servers[2].isListed = false
    }
    for silent in [nil, PortFailure(.unreachable, "web1: no route")] {
      run.cluster.change { $0.endpointFailures["web1"] = silent }
      for _ in 0..<6 {
        let (short, whole) = await run.tick()
        #expect(short.verdict == whole.verdict)
        #expect(short.backends.map(\.verdict) == whole.backends.map(\.verdict))
        #expect(short.backends.map(\.worstServers) == whole.backends.map(\.worstServers))
        #expect(short.events.isEmpty)
        #expect(short.backends[0].changes == Array(whole.backends[0].changes.prefix(1)))
      }
    }
  }

  @Test(arguments: 0...6)
  func `those that are worst are the first of all in that order`(most: Int) async throws {
    var run = RecordedCluster.make(slots: 1)
    await run.run(ticks: 6)
    let server = try #require(run.report.backends[0].servers.first)
    let slot = try #require(run.report.backends[0].servers.last)
    let figures: [(String?, Double?)] = [
      (nil, 0.5), (nil, 0.9), ("maintenance", nil), (nil, 0.9), ("stale", 0.1), (nil, nil),
      ("stale", 0.1), (nil, 0.9),
    ]
    let servers =
      figures.enumerated().map { index, figures in
        var server = server
        server.name = "s\(index)"
        (server.held, server.utilisation) = figures
        return server
      } + [slot]
    #expect(servers.worstFirst.map(\.name) == ["s4", "s6", "s1", "s3", "s7", "s0", "s5", "s2"])
    #expect(servers.worst(most) == Array(servers.worstFirst.prefix(most)))
  }

  @Test func `an endpoint that is silent is counted, with its last answer`() async {
    var run = RecordedCluster.make()
    await run.run(ticks: 2)
    let answered = Moment(run.cluster.snapshot.now)
    run.cluster.change { $0.endpointFailures["web2"] = PortFailure(.unreachable, "web2: no route") }
    await run.run(ticks: 3)
    let endpoint = run.report.endpoints[1]
    #expect(!endpoint.up && endpoint.failures == 3 && endpoint.answeredAt == answered)
    #expect(endpoint.failure == "web2: no route")
  }

  @Test func `a server that is held says why, in a word and in a sentence`() async {
    var run = RecordedCluster.make()
    run.cluster.change { state in
      state.servers[1].state = .maintenance
      state.servers[2].isListed = false
    }
    await run.run(ticks: 3)
    let servers = run.report.backends[0].servers
    #expect(servers.map(\.held) == [nil, "maintenance", "no_container"])
    #expect(servers[1].condition == "in maintenance")
  }

  @Test func `a reload forgets what is no longer configured, and a refusal is shown until then`()
    async
  {
    var run = RecordedCluster.make()
    await run.run(ticks: 2)
    run.record.refused("wrong")
    #expect(run.report.reloadRefused == "wrong")
    run.record.configured(
      endpoints: [], balancers: ["lb1"], backends: [:], interval: .seconds(5),
      at: run.cluster.snapshot.now)
    let report = run.report
    #expect(report.reloadRefused == nil && report.intervalSeconds == 5)
    #expect(report.endpoints.isEmpty && report.backends.isEmpty && report.balancers.count == 1)
    #expect(report.weightChanges == 0)
  }

  @Test func `what is not known is null, and a report is read as it was written`() async throws {
    let run = RecordedCluster.make()
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let coded = try encoder.encode(run.report)
    let text = String(decoding: coded, as: UTF8.self)
    for key in ["tick_at", "tick_seconds", "reload_refused"] {
      #expect(text.contains("\"\(key)\":null"))
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    #expect(try decoder.decode(StatusReport.self, from: coded) == run.report)
  }

  @Test func `an explanation has the numbers from the sample to the weight`() async throws {
    var run = RecordedCluster.make()
    await run.run(ticks: 8)
    let now = run.cluster.snapshot.now
    let explanation = try #require(run.record.explanation(of: "a", in: "shop", at: now))
    let samples = try #require(explanation.samples)
    #expect(samples.count >= 8 && samples.spanSeconds == 10 * Double(samples.count - 1))
    let load = try #require(explanation.load)
    #expect(load.quotaCores == 0.5 && load.hostCores == 8 && load.limit == "quota")
    #expect(abs(load.utilisation - load.cpuCores / 0.5) < 1e-9)
    #expect(load.windowSeconds == 10)
    let cost = try #require(explanation.cost)
    #expect(abs(cost.perRequest - 0.01) < 1e-4)
    #expect(try #require(cost.evidenceRequests) > 100)
    let weight = explanation.weights[0]
    #expect(abs(try #require(weight.exact) - Double(weight.wanted)) <= 0.05 * Double(weight.wanted))
    #expect(explanation.changes.allSatisfy { $0.server == "a" } && explanation.changes.count <= 5)
    #expect(run.record.explanation(of: "z", in: "shop", at: now) == nil)
    #expect(run.record.explanation(of: "a", in: "z", at: now) == nil)
  }
}

@Suite struct LevellingRecordTests {
  @Test func `in control it tells what the weights free, and would not under HAProxy's own`()
    async throws
  {
    var run = RecordedCluster.make()
    await run.run(ticks: 20)
    // Without neighbours there is nothing that keeps a plan from going all the way, nor to be told.
    let reach = try #require(run.report.backends[0].reach)
    #expect(reach.part > 0.99)
    #expect(reach.reason == nil && reach.text == nil)
    let levelling = try #require(run.report.backends[0].levelling)
    #expect(levelling.isApplied)
    #expect(levelling.cores == 2.5)
    // Equal weights fill half a core when 1.5 of the 2.5 are in use.
    #expect(abs(levelling.freedCores - 1) < 0.05)
    #expect(abs(levelling.spreadUnlevelled - 1.5) < 0.02)
    #expect(levelling.spreadLevelled < 1.05)
    #expect(levelling.meanSpreadUnlevelled > levelling.meanSpreadLevelled)
    #expect(levelling.text.hasPrefix("levelling frees 1.0 of 2.5 cores; spread 1.0"))
  }

  @Test func `in observe it tells what levelling would free, of what stands`() async throws {
    var run = RecordedCluster.make(mode: .observe)
    await run.run(ticks: 20)
    let backend = run.report.backends[0]
    let levelling = try #require(backend.levelling)
    #expect(!levelling.isApplied)
    #expect(abs(levelling.freedCores - 1) < 0.05)
    #expect(abs(levelling.spreadUnlevelled - (backend.spread ?? 0)) < 0.05)
    #expect(levelling.spreadLevelled < 1.05)
    #expect(levelling.text.hasPrefix("levelling would free 1.0 of 2.5 cores; spread 1.0"))
    #expect(run.report.now.seconds(since: levelling.since) > 0 && backend.changes.isEmpty)
  }

  @Test func `before anything is learned, and without requests, it is not known`() async {
    var run = RecordedCluster.make()
    await run.run(ticks: 1)
    #expect(run.report.backends[0].levelling == nil)
    await run.run(ticks: 10)
    #expect(run.report.backends[0].levelling != nil)
    run.cluster.change { $0.balancers["lb1"]?.demand = 0 }
    await run.run(ticks: 10)
    #expect(run.report.backends[0].levelling == nil)
  }

  @Test func `where requests do not follow weights it is not known`() async {
    var run = RecordedCluster.make()
    run.cluster.change { $0.balancers["lb1"]?.algorithm = .dynamic(.inFlight) }
    await run.run(ticks: 20)
    #expect(run.report.backends[0].spread != nil && run.report.backends[0].levelling == nil)
  }

  @Test func `a mean is taken over time, and begins anew with another mode`() {
    func levelling(_ fullest: Double) -> Levelling {
      var levelling = Levelling.equal
      levelling.fullestLevelled = fullest
      return levelling
    }
    let start = Timestamp(nanoseconds: 0)
    var record = LevellingRecord(mode: .control, at: start)
    record.add(levelling(0.5), at: start, intervalSeconds: 10)
    record.add(levelling(1), at: start.advanced(bySeconds: 1), intervalSeconds: 10)
    record.add(levelling(1), at: start.advanced(bySeconds: 5), intervalSeconds: 10)
    #expect(record.report(as: WallTime())?.meanFreedCores == 4 * 0.5 * 1 / 5)
    // What nobody looked at is not known to have gone on.
    record.add(nil, at: start.advanced(bySeconds: 1005), intervalSeconds: 10)
    #expect(record.report(as: WallTime()) == nil)
    record.add(levelling(1), at: start.advanced(bySeconds: 1010), intervalSeconds: 10)
    #expect(record.report(as: WallTime())?.meanFreedCores == 4 * 0.5 * 1 / 25)
  }
}

extension Levelling {
  /// Four cores, fully used on both sides.
  fileprivate static var equal: Levelling {
    Levelling(
      cores: 4, fullestLevelled: 1, fullestUnlevelled: 1, spreadLevelled: 1, spreadUnlevelled: 1)
  }
}

@Suite struct StatusHistoryTests {
  private func tick(
    _ utilisations: [(ServerName, Double?)], events: [ControlEvent] = []
  ) -> TickReport {
    let snapshot = Snapshot(
      tick: 1, at: Timestamp(nanoseconds: 0), endpoints: [], balancers: [],
      backends: [
        BackendStatus(
          name: "shop", mode: .control, condition: .steering,
          servers: utilisations.map { name, value in
            ServerStatus(
              name: name, state: .up, condition: .live, match: .none,
              utilisation: value.map { Utilisation($0, of: .quota) }, share: 0.5, weights: [])
          }, changes: [])
      ])
    return TickReport(snapshot: snapshot, events: events)
  }

  private func moment(_ seconds: Double) -> Timestamp {
    Timestamp(nanoseconds: 0).advanced(bySeconds: seconds)
  }

  @Test func `an hour is kept, a point each ten seconds at most`() {
    var history = StatusHistory()
    for second in 0..<5000 { history.add(tick([("a", 0.5)]), at: moment(Double(second))) }
    let backend = history.report().backends[0]
    #expect(backend.at.count == StatusHistory.mostPoints)
    #expect(backend.at.last == 4990)
    #expect(zip(backend.at, backend.at.dropFirst()).allSatisfy { $1 - $0 == 10 })
    #expect(backend.servers[0].utilisation.allSatisfy { $0 == 0.5 })
  }

  @Test func `a server that comes later is unknown before, and one that is gone is forgotten`() {
    var history = StatusHistory()
    history.add(tick([("a", 0.5)]), at: moment(0))
    history.add(tick([("a", 0.6), ("b", nil)]), at: moment(10))
    history.add(tick([("b", 0.25)]), at: moment(20))
    let servers = history.report().backends[0].servers
    #expect(servers.map(\.name) == ["b", "a"])
    #expect(servers[0].utilisation == [nil, nil, 0.25])
    #expect(servers[1].utilisation == [0.5, 0.6, nil])
    for second in stride(from: 30.0, through: 3700, by: 10) {
      history.add(tick([("b", 0.25)]), at: moment(second))
    }
    #expect(history.report().backends[0].servers.map(\.name) == ["b"])
  }

  @Test func `a clock that is set back begins a new history`() {
    var history = StatusHistory()
    for second in [100.0, 110, 50, 60] { history.add(tick([("a", 1)]), at: moment(second)) }
    #expect(history.report().backends[0].at == [50, 60])
  }

  @Test func `writes are told with the next point, and reloads with their own time`() {
    let change = WeightChange(
      backend: "shop", server: "a", balancer: "lb1", old: Weight(clamping: 1),
      new: Weight(clamping: 2), reason: .restored)
    var history = StatusHistory()
    history.add(tick([("a", 1)], events: [.weightChanged(change)]), at: moment(0))
    history.add(tick([("a", 1)], events: [.weightChanged(change)]), at: moment(2))
    history.add(
      tick([("a", 1)], events: [.weightChanged(change), .balancerReloaded("lb1")]), at: moment(5))
    history.add(tick([("a", 1)]), at: moment(10))
    history.add(tick([("a", 1)]), at: moment(20))
    let report = history.report()
    #expect(report.backends[0].writes == [1, 2, 0])
    #expect(report.reloads == [HistoryReport.Reload(balancer: "lb1", at: 5)])
    history.add(tick([("a", 1)]), at: moment(3700))
    #expect(history.report().reloads.isEmpty)
  }

  @Test func `without single servers it is short`() {
    var history = StatusHistory()
    history.add(tick([("a", 1)]), at: moment(0))
    let backend = history.report(servers: false).backends[0]
    #expect(backend.servers.isEmpty && backend.spread.count == 1)
  }

  @Test func `one backend can be asked for`() {
    var history = StatusHistory()
    history.add(tick([("a", 1)]), at: moment(0))
    #expect(history.report(of: "shop").backends.count == 1)
    #expect(history.report(of: "other").backends.isEmpty)
  }
}
