import Balancing
import Control
import TestSupport
import Testing

@testable import EvenkeelDaemon

@Suite struct NagiosTests {
  private let thresholds = NagiosVerdict.Thresholds(
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
    #expect(verdict.text.hasPrefix("EVENKEEL OK - shop: 3 of 3 servers steered, spread 1.0"))
    #expect(verdict.text.contains(" | 'shop spread'=1.0"))
    #expect(verdict.text.contains(";1.25;1.5;1;"))
    #expect(!verdict.text.contains("\n"))
  }

  @Test func `a spread outside of its range warns or is critical`() async {
    let report = await level().report
    let warned = NagiosVerdict(
      report, .init(warning: NagiosRange("0.5"), critical: NagiosRange("1.5")))
    #expect(warned.state == .warning && warned.text.contains("shop: spread 1.0"))
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
    #expect(verdict.text.contains("shop/c: its cAdvisor answers, and knows no Docker"))
    run.record.refused("config.json: a | b\nmore")
    #expect(NagiosVerdict(run.report, thresholds).text.contains("config.json: a   b more"))
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
