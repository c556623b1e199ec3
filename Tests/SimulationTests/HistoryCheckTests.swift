import Balancing
import Control
import Simulation
import Testing

/// Whether the failure policy is kept, whatever happens.
@Suite struct HistoryCheckTests: HandMadeHistory {
  /// More of it: `evenkeel simulate --history SEEDS`.
  ///
  /// What must never be written is never written. What a reading that cannot be brings about is a
  /// matter of seconds and of requests, of which some of these clusters have next to none.
  @Test func `a hundred thousand ticks of random clusters keep the failure policy`() async {
    var deceived = 0
    let (ticks, writes) = await HistoryRun.total(seeds: 1...850) { outcome in
      for violation in outcome.violations.filter({ !$0.rule.isOfBelief }).prefix(3) {
        Issue.record("with seed \(outcome.seed): \(violation)")
      }
      if outcome.violations.contains(where: \.rule.isOfBelief) { deceived += 1 }
    }
    #expect(ticks >= 100_000)
    #expect(writes > 10_000)
    #expect(deceived <= 850 / 25)
  }

  // MARK: What the check sees

  private func rules(_ reports: TickReport...) -> [HistoryCheck.Rule] {
    HistoryCheck.violations(in: reports, settings: settings).map(\.rule)
  }

  @Test func `an honest tick breaks no rule`() {
    #expect(
      rules(
        report(1, [server("a", 100), server("b", 100)], writing: [change("a", 100, 120)]),
        report(2, [server("a", 120), server("b", 100)])) == [])
  }

  @Test func `each wrong write is found`() {
    let b = server("b", 100)
    #expect(
      rules(report(1, [server("a", 100, state: .drain), b], writing: [change("a", 100, 90)]))
        == [.servingOnly])
    #expect(
      rules(report(1, [server("a", 100), b], writing: [change("a", 100, 0)])) == [.withinBounds])
    #expect(
      rules(
        report(
          1, [server("a", 100, condition: .contested(.somebodyElse)), b, server("c", 1)],
          writing: [change("a", 100, 90)])) == [.contestedAlone])
    #expect(
      rules(
        report(
          1,
          [
            server("a", 100, isSeen: false, condition: .held(.noRate)), b, server("c", 100),
          ], writing: [change("a", 100, 120)])) == [.unseenHolds])
    #expect(
      rules(
        report(
          1, [server("a", 100), server("b", 100, isSeen: false, condition: .held(.noRate))],
          writing: [change("a", 100, 120)])) == [.halfSeen])
    #expect(
      rules(report(1, [server("a", 100), b], writing: [change("a", 100, 120)], mode: .observe))
        == [.observed])
    #expect(
      rules(
        report(
          1, [server("a", 100), b], writing: [change("a", 100, 120)],
          failure: PortFailure(.timedOut, "late"))) == [.silentBalancer])
  }

  @Test func `a weight that changed by nobody is found, and one that was told is not`() {
    let first = report(1, [server("a", 100), server("b", 100)])
    #expect(rules(first, report(2, [server("a", 70), server("b", 100)])) == [.knownWeights])
    let told = ControlEvent.changedByOthers(
      "web", "a", "lb1", from: Weight(clamping: 100), to: Weight(clamping: 70))
    #expect(rules(first, report(2, [server("a", 70), server("b", 100)], events: [told])) == [])
  }

  @Test func `what a reload took is given back at once, unseen or not`() {
    let first = report(1, [server("a", 180), server("b", 60)])
    let unseen = server("a", 100, isSeen: false, condition: .held(.noRate))
    let back = report(
      2, [unseen, server("b", 60)], writing: [change("a", 100, 180, .restored)],
      events: [.balancerReloaded("lb1")])
    #expect(rules(first, back) == [])
    var forgotten = server("a", 100)
    forgotten.weights[0].wanted = Weight(clamping: 180)
    #expect(
      rules(
        first,
        report(2, [forgotten, server("b", 60)], events: [.balancerReloaded("lb1")]))
        == [.restored])
  }
}
