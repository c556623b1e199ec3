import Balancing
import Control
import TestSupport
import Testing

@testable import EvenkeelDaemon

@Suite struct NagiosTests {
  private let thresholds = VerdictThresholds(
    warning: NagiosRange("1.25"), critical: NagiosRange("1.5"))

  private func level() async -> RecordedCluster {
    var run = RecordedCluster.make()
    await run.run(ticks: 12)
    return run
  }

  @Test(arguments: [
    ("10", [0.0, 10], [-1, 11]), ("10:", [10, 1e9], [9]), ("~:10", [-1e9, 10], [11]),
    ("1:2", [1, 2], [0.9, 2.1]), ("@1:2", [0.9, 2.1], [1, 2]), ("1.25", [1.25], [1.26]),
  ])
  func `a range is read as monitoring plugins have it`(
    text: String, quiet: [Double], alerting: [Double]
  ) throws {
    let range = try #require(NagiosRange(text))
    for value in quiet { #expect(!range.alerts(value), "\(value)") }
    for value in alerting { #expect(range.alerts(value), "\(value)") }
  }

  @Test(arguments: ["", "@", ":", "a", "1:a", "2:1", "1e5", "nan", "1::2", " 1"])
  func `what is no range is refused`(text: String) {
    // A lone colon is the range from 0 on.
    #expect(NagiosRange(text) == nil || text == ":")
  }

  @Test func `a level fleet is OK, with performance data`() async {
    let verdict = NagiosVerdict(await level().report, thresholds)
    #expect(verdict.state == .ok)
    #expect(verdict.text.hasPrefix("EVENKEEL OK - shop balanced: 3 of 3 servers, spread 1.0"))
    #expect(verdict.text.contains(" | 'shop spread'=1.0"))
    #expect(verdict.text.contains(";1.25;1.5;1;"))
    #expect(!verdict.text.contains("\n"))
  }

  @Test func `a spread outside of its range warns or is critical`() async {
    let report = await level().report
    let warned = NagiosVerdict(
      report, .init(warning: NagiosRange("0.5"), critical: NagiosRange("1.5")))
    #expect(warned.state == .warning && warned.text.contains("shop NOT balanced: spread 1.0"))
    let critical = NagiosVerdict(
      report, .init(warning: NagiosRange("0.5"), critical: NagiosRange("0.5")))
    #expect(critical.state == .critical)
  }

  @Test func `what an operator should see to warns, and what is meant does not`() async {
    var run = await level()
    run.cluster.change { $0.servers[0].state = .maintenance }
    await run.run(ticks: 1)
    #expect(NagiosVerdict(run.report, thresholds).state == .ok)
    run.cluster.change { $0.servers[2].isListed = false }
    await run.run(ticks: 1)
    let verdict = NagiosVerdict(run.report, thresholds)
    #expect(verdict.state == .warning)
    #expect(verdict.text.contains("shop/c: its source answers, and knows no container"))
    run.record.refused("config.json: a | b\nmore")
    #expect(NagiosVerdict(run.report, thresholds).text.contains("config.json: a   b (and 1 more)"))
  }

  @Test func `no HAProxy, a loop that hangs and a tick that is long ago are critical`() async {
    var run = await level()
    var report = run.report
    report.loopOk = false
    #expect(NagiosVerdict(report, thresholds).state == .critical)
    let later = run.record.report(
      at: run.cluster.snapshot.now.advanced(bySeconds: 60), loopIsOk: true)
    #expect(NagiosVerdict(later, thresholds).text.contains("the last tick was 60 s ago"))
    run.cluster.change { $0.balancers["lb1"]?.failure = PortFailure(.unreachable, "lb1: gone") }
    await run.run(ticks: 1)
    let verdict = NagiosVerdict(run.report, thresholds)
    #expect(verdict.state == .critical && verdict.text.contains("lb1: gone"))
  }

  @Test func `a backend that is not there is UNKNOWN, and a daemon that is not is CRITICAL`() async
  {
    #expect(NagiosVerdict(await level().report, thresholds, backends: ["x"]).state == .unknown)
    let silent = NagiosVerdict(unanswered: "refused")
    #expect(silent.state.rawValue == 2 && silent.text == "EVENKEEL CRITICAL - refused")
  }
}

@Suite struct MomentTests {
  @Test func `a moment is written in UTC to the millisecond`() {
    #expect(
      Moment(Timestamp(nanoseconds: 1_700_000_000_123_000_000)).text == "2023-11-14T22:13:20.123Z")
  }
}

/// The one line, however much there is to say.
@Suite struct NagiosLineTests {
  private func report(backends: Int, faultyServers: Int, nameLength: Int = 4) async -> StatusReport
  {
    var run = RecordedCluster.make()
    await run.run(ticks: 6)
    var report = run.report
    let backend = report.backends[0]
    report.backends = (0..<backends).map { number in
      var copy = backend
      copy.name = String(repeating: "b", count: nameLength) + "-\(number)"
      copy.servers = (0..<faultyServers).map { index in
        var server = backend.servers[0]
        server.name = String(repeating: "ü", count: nameLength) + "-\(index)"
        server.held = "no_container"
        server.condition = "no container fits; check `pattern`, `server`, `label`, `match`"
        return server
      }
      return copy
    }
    return report
  }

  private let thresholds = VerdictThresholds(
    warning: NagiosRange("1.25"), critical: NagiosRange("1.5"))

  @Test(arguments: [
    (1, 0, 4), (1, 40, 4), (3, 40, 4), (60, 0, 4), (60, 40, 4), (2, 40, 300), (1, 1, 2000),
    (200, 1, 700),
  ])
  func `it fits into a kilobyte, and no item of performance data is cut`(
    backends: Int, faultyServers: Int, nameLength: Int
  ) async throws {
    let report = await report(
      backends: backends, faultyServers: faultyServers, nameLength: nameLength)
    let text = NagiosVerdict(report, thresholds).text
    #expect(text.utf8.count < 1024)
    #expect(!text.contains("\n") && text.count { $0 == "|" } == 1)
    let data = try #require(text.split(separator: " | ").last)
    let items = data.matches(
      of: #/'[^'=|]+ [a-z_]+'=[0-9.]+%?;[^; ]*;[^; ]*;[0-9]*;[0-9]*|[a-z_]+=[0-9.]+[sc];;;0;/#)
    #expect(items.map { String($0.output) }.joined(separator: " ") == data, "\(data)")
    #expect(data.contains("tick=") && data.hasSuffix("c;;;0;"))
    if backends * faultyServers > 40 { #expect(text.contains(#/; and [0-9]+ more \| /#)) }
  }

  @Test func `what is not told is counted, and the worst is told first`() async throws {
    var report = await report(backends: 1, faultyServers: 40)
    report.loopOk = false
    let text = NagiosVerdict(report, thresholds).text
    #expect(text.hasPrefix("EVENKEEL CRITICAL - the loop does not go on; bbbb-0/üüüü-0: no cont"))
    let told = text.matches(of: #/no container fits/#).count
    let more = try #require(text.firstMatch(of: #/; and ([0-9]+) more/#))
    #expect(told + (Int(more.output.1) ?? 0) == 40)
  }

  @Test func `one long sentence is cut at a character, and so is a name in its middle`() async {
    let long = String(repeating: "é", count: 5000)
    let text = NagiosVerdict(unanswered: long).text
    #expect(text.utf8.count <= 1023 && text.utf8.count >= 1020)
    #expect(text.hasSuffix("é…"))
    let report = await report(backends: 1, faultyServers: 1, nameLength: 100)
    #expect(NagiosVerdict(report, thresholds).text.contains("bbb…bbb"))
    #expect(NagiosVerdict(report, thresholds).text.contains("üü-0: no container fits"))
  }

  @Test func `nothing in a name or a message begins a line or performance data of its own`() async {
    var report = await report(backends: 1, faultyServers: 1)
    report.backends[0].name = "a'=1|b\nc\u{0}\u{2028}d"
    report.reloadRefused = "x|y\r\nz"
    let text = NagiosVerdict(report, thresholds).text
    #expect(text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
    #expect(text.count { $0 == "|" } == 1)
    #expect(text.count { $0 == "'" } == 8 + 1)
  }
}

/// Servers that `server-template` makes in advance.
@Suite struct EmptySlotTests {
  private func run(slots: Int) async -> (RecordedCluster, [ControlEvent]) {
    var run = RecordedCluster.make(slots: slots)
    let events = await run.run(ticks: 8)
    return (run, events)
  }

  private let thresholds = VerdictThresholds(warning: NagiosRange("1.25"), critical: nil)

  @Test func `forty of them are one line, one event and no fault, and the others are levelled`()
    async
  {
    let (run, events) = await run(slots: 40)
    let verdict = NagiosVerdict(run.report, thresholds)
    #expect(verdict.state == .ok)
    #expect(verdict.text.hasPrefix("EVENKEEL OK - shop balanced: 3 of 3 servers, spread 1.0"))
    #expect(verdict.text.contains(", 40 slots without an address |"))
    #expect(verdict.text.contains("'shop held'=0;;;0;3"))
    let told = events.filter {
      switch $0 {
      case .serverHolds, .serverLive, .slotsEmpty: true
      default: false
      }
    }
    #expect(told == [.slotsEmpty("shop", count: 40)])
    #expect(
      told.map(\.description) == [
        "shop: 40 servers without an address, left out until they have one"
      ])
    #expect(run.report.backends[0].servers.count == 43)
    let metrics = run.record.metrics(
      at: run.cluster.snapshot.now, loopIsOk: true, process: ProcessFigures())
    #expect(!metrics.contains("slot-"))
    #expect(metrics.contains(#"evenkeel_held_servers{backend="shop",reason="unresolved"} 40"#))
    #expect(run.record.history().backends[0].servers.map(\.name) == ["a", "b", "c"])
    #expect(StatusLine.text(for: run.report).hasPrefix("shop balanced: 3 of 3 servers"))
  }

  @Test
  func `one that is filled is a server like any other, and one that is emptied is told alone`()
    async
  {
    var (run, _) = await run(slots: 40)
    run.cluster.change { $0.servers[3].state = .up }
    let filled = await run.run(ticks: 6)
    #expect(filled.contains(.serverLive("shop", "slot-1")))
    #expect(run.report.backends[0].slotsText == "39 slots without an address")
    #expect(NagiosVerdict(run.report, thresholds).text.contains("shop balanced: 4 of 4 servers"))
    run.cluster.change { $0.servers[3].state = .unresolved }
    let emptied = await run.run(ticks: 1)
    #expect(emptied.contains(.serverHolds("shop", "slot-1", .held(.state(.unresolved)))))
  }

  @Test func `where so few are left that nothing can be levelled, that is told, and no fault`()
    async
  {
    var (run, _) = await run(slots: 2)
    run.cluster.change { state in
      for index in 1..<3 { state.servers[index].state = .unresolved }
    }
    await run.run(ticks: 3)
    let verdict = NagiosVerdict(run.report)
    #expect(verdict.state == .ok && verdict.text.contains("shop nothing to level"))
  }
}
