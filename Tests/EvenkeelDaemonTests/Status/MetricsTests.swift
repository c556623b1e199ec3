import Balancing
import Control
import TestSupport
import Testing

@testable import EvenkeelDaemon

@Suite struct MetricsTests {
  private func metrics(_ run: RecordedCluster) -> [Substring] {
    run.record.metrics(
      at: run.cluster.snapshot.now, loopIsOk: true, process: ProcessFigures()
    ).split(separator: "\n")
  }

  @Test func `every family has one help, one type, and its samples beside them`() async {
    var run = RecordedCluster.make()
    await run.run(ticks: 5)
    var families: [String] = []
    var open = ""
    for line in metrics(run) {
      let words = line.split(separator: " ")
      if line.hasPrefix("# HELP ") {
        open = String(words[2])
        #expect(!families.contains(open), "\(open) comes twice")
        families.append(open)
      } else if line.hasPrefix("# TYPE ") {
        #expect(words[2] == open)
      } else {
        #expect(line.hasPrefix(open), "\(line) is not of \(open)")
        #expect(Double(words.last ?? "") != nil, "\(line) has no number")
      }
    }
    #expect(families.count > 25)
  }

  @Test func `figures are those of the last tick`() async {
    var run = RecordedCluster.make()
    await run.run(ticks: 6)
    let lines = metrics(run)
    let shop = run.report.backends[0]
    #expect(lines.contains("evenkeel_ticks_total 6"))
    #expect(
      lines.contains(
        #"evenkeel_endpoint_up{endpoint="\#(run.report.endpoints[0].name)",host="web1"} 1"#))
    #expect(
      lines.contains(
        #"evenkeel_server_weight{backend="shop",server="a",balancer="lb1"} "#
          + "\(shop.servers[0].weights[0].standing)"))
    #expect(
      lines.contains(
        #"evenkeel_weight_changes_total{backend="shop",balancer="lb1"} "#
          + "\(run.report.weightChanges)"))
    #expect(lines.contains(#"evenkeel_tick_duration_seconds_bucket{le="0.025"} 6"#))
    #expect(lines.contains(#"evenkeel_tick_duration_seconds_bucket{le="0.01"} 0"#))
  }

  @Test func `every reason to hold is counted, also while nobody is held for it`() async {
    var run = RecordedCluster.make()
    run.cluster.change { $0.servers[1].state = .drain }
    await run.run(ticks: 3)
    let held = metrics(run).filter { $0.hasPrefix("evenkeel_held_servers{") }
    #expect(held.count == HoldReason.allCases.count)
    #expect(
      held.filter { $0.hasSuffix(" 1") } == [
        #"evenkeel_held_servers{backend="shop",reason="drain"} 1"#
      ])
  }

  @Test func `what is not known has no sample`() async {
    var run = RecordedCluster.make()
    run.cluster.change { $0.servers[2].isListed = false }
    await run.run(ticks: 3)
    let lines = metrics(run)
    #expect(
      !lines.contains {
        $0.hasPrefix("evenkeel_server_utilisation_ratio{backend=\"shop\",server=\"c\"")
      })
    #expect(lines.contains { $0.hasPrefix("evenkeel_server_weight{backend=\"shop\",server=\"c\"") })
  }

  @Test func `counters begin at zero, before anything is counted`() async {
    var run = RecordedCluster.make(mode: .observe)
    for name in [
      "weight_changes", "queue_clearing_weight_changes", "weight_refusals",
      "foreign_weight_changes",
    ] {
      #expect(
        metrics(run).contains(#"evenkeel_\#(name)_total{backend="shop",balancer="lb1"} 0"#),
        "\(name)")
    }
    await run.run(ticks: 1)
    #expect(
      metrics(run).contains(
        #"evenkeel_server_weight_changes_total{backend="shop",balancer="lb1",server="a"} 0"#))
  }

  @Test func `writes are counted by server, and those of others by backend`() async {
    var run = RecordedCluster.make()
    await run.run(ticks: 6)
    run.cluster.setWeight(77, of: "b")
    await run.run(ticks: 1)
    run.cluster.reload()
    await run.run(ticks: 1)
    let lines = metrics(run)
    let sum = lines.filter { $0.hasPrefix("evenkeel_server_weight_changes_total{") }
      .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
    #expect(sum == run.report.weightChanges && sum > 0)
    #expect(
      lines.contains(
        #"evenkeel_foreign_weight_changes_total{backend="shop",balancer="lb1"} 1"#))
    #expect(lines.contains(#"evenkeel_balancer_reloads_total{balancer="lb1"} 1"#))
  }

  @Test func `the verdict is the status's, and one state is told of each backend`() async {
    var run = RecordedCluster.make(mode: .observe)
    await run.run(ticks: 6)
    #expect(metrics(run).contains("evenkeel_verdict 0"))
    let states = metrics(run).filter { $0.hasPrefix("evenkeel_backend_state{") }
    #expect(states.count == Verdict.State.allCases.count)
    #expect(
      states.filter { $0.hasSuffix(" 1") } == [
        #"evenkeel_backend_state{backend="shop",state="observing"} 1"#
      ])
    run.cluster.change {
      $0.balancers["lb1"]?.failure = PortFailure(.unreachable, "lb1: no answer")
    }
    await run.run(ticks: 1)
    #expect(metrics(run).contains(#"evenkeel_backend_verdict{backend="shop"} 2"#))
    #expect(
      metrics(run).contains(#"evenkeel_backend_state{backend="shop",state="not_steering"} 1"#))
  }

  @Test func `requests are counted, and a sample's time is told`() async throws {
    var run = RecordedCluster.make()
    await run.run(ticks: 6)
    func value(_ name: String) throws -> Double {
      let line = try #require(
        metrics(run).first { $0.hasPrefix(#"\#(name){backend="shop",server="a"}"#) })
      return try #require(line.split(separator: " ").last.flatMap { Double($0) })
    }
    let before = try value("evenkeel_server_requests_total")
    let taken = try value("evenkeel_server_last_sample_timestamp_seconds")
    #expect(taken == run.cluster.snapshot.now.seconds(since: Timestamp(nanoseconds: 0)))
    await run.run(ticks: 1)
    let rate = try #require(run.report.backends[0].servers[0].requestsPerSecond)
    let risen = try value("evenkeel_server_requests_total") - before
    #expect(abs(risen - 10 * rate) < 1e-6 && rate > 0)
  }

  @Test func `a label's value is escaped`() {
    var text = MetricsText()
    text.family("m", .gauge, "Help.", [.init([("l", "a\\b\"c\nd")], 1.5)])
    #expect(text.text == "# HELP m Help.\n# TYPE m gauge\nm{l=\"a\\\\b\\\"c\\nd\"} 1.5\n")
  }

  @Test func `the kernel tells of this process`() {
    let figures = ProcessFigures.now
    #expect(figures.cpuSeconds ?? 0 > 0)
    #expect(figures.residentBytes ?? 0 > 1e6)
    #expect(figures.openDescriptors ?? 0 >= 3)
    #expect(figures.mostDescriptors ?? 0 >= figures.openDescriptors ?? .infinity)
  }
}
