import Balancing
import TestSupport
import Testing

@testable import Control
@testable import EvenkeelDaemon

/// One verdict for all who show one, from the ticks of a cluster in memory.
@Suite struct VerdictTests {
  private func level(mode: BackendSettings.Mode = .control) async -> RecordedCluster {
    var run = RecordedCluster.make(mode: mode)
    await run.run(ticks: 12)
    return run
  }

  private func lose(_ run: inout RecordedCluster) async {
    run.cluster.change { state in
      state.balancers["lb1"]?.failure = PortFailure(.unreachable, "lb1: connection refused")
      for host in ["web1", "web2"] as [HostName] {
        state.endpointFailures[host] = PortFailure(.unreachable, "\(host): no route")
      }
    }
    await run.run(ticks: 1)
  }

  @Test func `before the first tick it starts, and a level fleet is balanced`() async {
    let first = RecordedCluster.make().report.verdict
    #expect(first.level == .warning && first.state == .starting)
    let verdict = await level().report.verdict
    #expect(verdict.level == .ok && verdict.state == .balanced && verdict.findings.isEmpty)
    #expect(verdict.sentence.hasPrefix("shop balanced: 3 of 3 servers, spread 1.0"))
    #expect(verdict.commands.isEmpty && verdict.meanwhile == nil)
  }

  @Test func `with HAProxy and all cAdvisors dead it is critical for everybody, since then`()
    async throws
  {
    var run = await level()
    await lose(&run)
    let lostAt = Moment(run.cluster.snapshot.now)
    await run.run(ticks: 36)
    let report = run.report
    let backend = report.backends[0]
    for verdict in [report.verdict, backend.verdict] {
      #expect(verdict.level == .critical && verdict.state == .notSteering)
      #expect(verdict.since == lostAt)
      #expect(verdict.reason == "lb1: connection refused")
      #expect(
        verdict.sentence.contains(
          #/shop NOT steering since [0-9: -]+ \(6 min\): lb1: connection refused/#))
      #expect(verdict.meanwhile?.hasPrefix("HAProxy, if it runs, goes on with the weights") == true)
      #expect(verdict.commands.first == "systemctl status haproxy")
    }
    let nagios = NagiosVerdict(report)
    #expect(nagios.state == .critical && nagios.text.contains("shop NOT steering since"))
    #expect(StatusLine.text(for: report).hasPrefix("CRITICAL: shop NOT steering since"))
    // Once in the backend's words, and not again as a part's.
    #expect(report.verdict.findings.count { $0.text.contains("lb1: connection refused") } == 1)
    #expect(report.verdict.findings.map(\.text).contains("web1: no route"))
  }

  @Test func `what was known last stays, with its age`() async {
    var run = await level()
    let seenAt = Moment(run.cluster.snapshot.now)
    let before = run.report.backends[0]
    await lose(&run)
    await run.run(ticks: 5)
    let backend = run.report.backends[0]
    #expect(backend.servers.map(\.name) == ["a", "b", "c"])
    #expect(backend.servers.map(\.utilisation) == before.servers.map(\.utilisation))
    #expect(backend.lastKnownAt == seenAt)
    #expect(backend.servers.allSatisfy { $0.lastKnownAt == seenAt })
    #expect(NagiosVerdict(run.report).text.contains("'shop held'=3;;;0;3"))
    run.cluster.change { $0.balancers["lb1"]?.failure = nil }
    await run.run(ticks: 1)
    let again = run.report.backends[0]
    #expect(again.lastKnownAt == nil)
    // HAProxy is back, and still nobody tells the load.
    #expect(again.servers.allSatisfy { $0.lastKnownAt == seenAt && $0.utilisation != nil })
    #expect(again.servers.allSatisfy { $0.held == "stale" })
  }

  @Test func `a silent cAdvisor is one finding, not one a server`() async {
    var run = await level()
    run.cluster.change { $0.endpointFailures["web1"] = PortFailure(.unreachable, "web1: no route") }
    await run.run(ticks: 12)
    let verdict = run.report.verdict
    #expect(verdict.level == .warning)
    #expect(verdict.findings.count { $0.text.contains("web1: no route") } == 1)
    #expect(!verdict.findings.contains { $0.server != nil })
  }

  @Test func `a high spread is levelling first, and NOT balanced when it stays`() async {
    var run = await level()
    // It gets no other weights, whatever is asked for.
    var report = run.report
    report.backends[0].spread = 2.4
    report.backends[0].servers[0].utilisation = 1.3
    report.backends[0].unevenSince = report.now
    #expect(report.judged().verdict.state == .levelling)
    #expect(report.judged().verdict.level == .ok)
    report.backends[0].unevenSince = Moment(report.now.timestamp.advanced(bySeconds: -600))
    let verdict = report.judged().verdict
    #expect(verdict.state == .uneven && verdict.level == .warning)
    #expect(verdict.sentence == "shop NOT balanced: spread 2.40, fullest a at 130 %")
    #expect(NagiosVerdict(report).state == .warning)
    report.backends[0].mode = "observe"
    #expect(report.judged().verdict.state == .observing && report.judged().verdict.level == .ok)
    #expect(
      NagiosVerdict(report, VerdictThresholds(warning: NagiosRange("1"), critical: nil)).state
        == .ok)
    await run.run(ticks: 1)
  }

  @Test func `only a spread that costs somebody something counts, and from when it began`() async {
    var watch = StandingWatch()
    func status(_ values: [Double]) -> BackendStatus {
      BackendStatus(
        name: "shop", mode: .control, condition: .steering,
        servers: values.enumerated().map { index, value in
          ServerStatus(
            name: ServerName("s\(index)"), state: .up, condition: .live, match: .none,
            utilisation: Utilisation(value, of: .quota), share: 0.5, weights: [])
        }, changes: [])
    }
    let start = Timestamp(nanoseconds: 0)
    watch.see(status([0.01, 0.05]), at: start)
    #expect(watch.unevenSince == nil)
    watch.see(status([0.1, 0.5]), at: start.advanced(bySeconds: 10))
    watch.see(status([0.1, 0.6]), at: start.advanced(bySeconds: 20))
    #expect(watch.unevenSince == start.advanced(bySeconds: 10))
    watch.see(status([0.5, 0.6]), at: start.advanced(bySeconds: 30))
    #expect(watch.unevenSince == nil)
  }

  @Test func `the last figures are kept for an hour, and only of servers that stay`() {
    func status(_ servers: [(ServerName, Double?)]) -> BackendStatus {
      BackendStatus(
        name: "shop", mode: .control, condition: .steering,
        servers: servers.map { name, value in
          ServerStatus(
            name: name, state: .up, condition: value == nil ? .held(.noRate) : .live, match: .none,
            utilisation: value.map { Utilisation($0, of: .quota) }, share: 0.5, weights: [])
        }, changes: [])
    }
    var watch = StandingWatch()
    func figures(_ servers: [(ServerName, Double?)], at seconds: Double) -> [String] {
      let backend = status(servers)
      watch.see(backend, at: Timestamp(nanoseconds: 0).advanced(bySeconds: seconds))
      return watch.servers(of: backend).map { server, at in
        let age = at.map { seconds - $0.seconds(since: Timestamp(nanoseconds: 0)) }
        return "\(server.name) \(server.utilisation?.value ?? -1) \(age ?? 0)"
      }
    }
    #expect(figures([("a", 0.5), ("b", 0.25)], at: 0) == ["a 0.5 0.0", "b 0.25 0.0"])
    #expect(figures([("a", nil), ("b", 0.75)], at: 10) == ["a 0.5 10.0", "b 0.75 0.0"])
    #expect(figures([("a", nil), ("b", nil)], at: 20) == ["a 0.5 20.0", "b 0.75 10.0"])
    #expect(figures([], at: 30) == ["a -1.0 10.0", "b -1.0 10.0"])
    #expect(figures([("a", nil)], at: 40) == ["a 0.5 40.0"])
    #expect(figures([("a", nil), ("b", nil)], at: 50) == ["a 0.5 50.0", "b -1.0 0.0"])
    #expect(figures([("a", nil)], at: 3610) == ["a -1.0 0.0"])
  }

  @Test func `where every server is full, balance is no green tick`() async {
    var report = await level().report
    report.backends[0].meanUtilisation = 0.98
    let verdict = report.judged().verdict
    #expect(verdict.state == .full && verdict.level == .warning)
  }

  @Test func `a server that nobody sees is balance in part, told with its cause`() async {
    var run = await level()
    run.cluster.change { $0.servers[2].isListed = false }
    await run.run(ticks: 6)
    let backend = run.report.backends[0]
    #expect(backend.verdict.state == .degraded && backend.verdict.level == .warning)
    #expect(backend.verdict.findings.map(\.server) == ["c"])
    #expect(backend.worstServers.first == "c")
    #expect(backend.verdict.commands.contains("evenkeel explain shop c"))
  }

  @Test func `where nothing is written, it observes, and is well`() async {
    let verdict = await level(mode: .observe).report.verdict
    #expect(verdict.level == .ok && verdict.state == .observing)
    #expect(verdict.sentence.hasPrefix("shop observing: 3 of 3 servers, spread 1."))
  }

  @Test func `no requests are idleness, not balance`() async {
    var run = await level()
    run.cluster.change { $0.balancers["lb1"]?.demand = 0 }
    await run.run(ticks: 12)
    let verdict = run.report.verdict
    #expect(verdict.level == .ok && verdict.state == .idle)
    #expect(verdict.sentence.contains(#/shop idle since .*: no requests arrive/#))
  }

  @Test func `a pause without an end warns, and one with an end does not`() async {
    var report = await level().report
    let begun = Moment(report.now.timestamp.advanced(bySeconds: -60))
    let end = Moment(report.now.timestamp.advanced(bySeconds: 1800))
    report.backends[0].pause = .init(since: begun, until: end, by: "root", restored: false)
    let verdict = report.judged().verdict
    #expect(verdict.state == .paused && verdict.level == .ok && verdict.since == begun)
    #expect(verdict.commands == ["evenkeel resume shop"])
    #expect(verdict.sentence.contains(#/shop paused: until .* \(30 min left\), since .*, by root/#))
    report.backends[0].pause?.until = nil
    #expect(report.judged().verdict.level == .warning)
  }

  @Test func `an order is carried out, answered, shown and told`() async throws {
    var run = await level()
    let pause = await run.order(BrakeOrder(.pause, backend: "shop", server: "b", seconds: 600))
    #expect(pause.done && pause.lines[0].hasPrefix("shop/b: paused by anna for 10 min"))
    await run.run(ticks: 1)
    let server = run.report.backends[0].servers[1]
    #expect(server.held == "paused" && server.pause?.by == "anna")
    #expect(run.report.backends[0].verdict.state == .balanced && run.report.pause == nil)
    let restore = await run.order(BrakeOrder(.restore))
    #expect(restore.done && restore.lines.last?.contains("weights put back") == true)
    await run.run(ticks: 1)
    let report = run.report
    #expect(report.pause?.restored == true && report.backends[0].pause == report.pause)
    #expect(report.verdict.state == .paused && report.verdict.level == .warning)
    #expect(report.backends[0].servers.allSatisfy { $0.weights[0].standing == 100 })
    #expect(report.events.first { $0.kind == "paused" }?.text.hasPrefix("all backends") == true)
    #expect(report.backends[0].changes.contains { $0.reason.contains("as asked for") })
    #expect(
      run.record.metrics(
        at: run.cluster.snapshot.now, loopIsOk: true, process: ProcessFigures()
      )
      .contains(#"evenkeel_held_servers{backend="shop",reason="paused"} 1"#))
    let resume = await run.order(BrakeOrder(.resume))
    #expect(resume.done && resume.lines.count == 2)
    #expect(await run.order(BrakeOrder(.resume)).done == false)
    await run.run(ticks: 6)
    #expect(run.report.verdict.state == .balanced)
  }

  @Test func `many backends that are well are counted, and the worst of them is told`() async {
    var report = await level().report
    report.backends = (0..<5).map { number in
      var copy = report.backends[0]
      copy.name = "b\(number)"
      return copy
    }
    #expect(report.judged().verdict.sentence == "5 backends: 5 balanced")
    report.backends[3].meanUtilisation = 0.99
    let verdict = report.judged().verdict
    #expect(verdict.state == .full && verdict.sentence.hasPrefix("b3 full"))
  }

  @Test func `what happened is kept, newest first, without the weights`() async {
    var run = await level()
    await lose(&run)
    let events = run.report.events
    #expect(!events.isEmpty && events.count <= EventTrail.most)
    #expect(events.contains { $0.kind == "balancer_lost" && $0.level == "warning" })
    #expect(events.contains { $0.kind == "backend_holds" && $0.backend == "shop" })
    #expect(!events.contains { $0.kind == "weight_changed" })
    #expect(events.map(\.at.text) == events.map(\.at.text).sorted(by: >))
  }
}
