import Balancing
import Control
import Testing

@testable import Simulation

/// Whether the check finds a daemon that believes what cannot be, and leaves an honest one alone.
@Suite struct BeliefCheckTests: HandMadeHistory {
  /// Writes of server a's weight, by tick; it stands where they left it, beside two that are at rest.
  private func history(
    _ ticks: ClosedRange<Int>, from start: Int = 100, _ writes: [Int: Int] = [:],
    requestsPerSecond: Double = 10, events: [Int: ControlEvent] = [:],
    condition: ServerCondition = .live, isSeen: Bool = true,
    reason: WeightChange.Reason = .levelling(nil, mean: nil)
  ) -> [TickReport] {
    var weight = start
    return ticks.map { tick in
      let standing = weight
      weight = writes[tick] ?? weight
      return report(
        tick,
        [
          server(
            "a", standing, isSeen: isSeen, condition: condition,
            requestsPerSecond: requestsPerSecond),
          server("b", 100), server("c", 100),
        ],
        writing: writes[tick].map { [change("a", standing, $0, reason)] } ?? [],
        events: events[tick].map { [$0] } ?? [])
    }
  }

  private func truth(
    _ kind: GroundTruth.Lie.Kind? = nil, of server: ServerName = "a", changes: [Double] = [],
    from: Double = 200, plain: Double = 250, to: Double = 400
  ) -> GroundTruth {
    var truth = GroundTruth(quietSeconds: 100)
    truth.changes = changes
    truth.lies =
      kind.map {
        [
          GroundTruth.Lie(
            $0, of: [server], fromSeconds: from, plainSeconds: plain, toSeconds: to)
        ]
      } ?? []
    return truth
  }

  private func rules(_ reports: [TickReport], _ truth: GroundTruth) -> [HistoryCheck.Rule] {
    HistoryCheck.violations(in: reports, settings: settings, truth: truth).map(\.rule)
  }

  // MARK: A counter that shows next to nothing

  @Test func `more weight for a server whose counter stands still is found`() {
    #expect(rules(history(1...50, [30: 130]), truth(.showsLittle)) == [.believedLittle])
    // Each step up is one.
    #expect(
      rules(history(1...50, [30: 130, 33: 160]), truth(.showsLittle))
        == [.believedLittle, .believedLittle])
  }

  @Test(arguments: [
    ("before it is plain", [23: 130]), ("when it is over", [42: 130]),
    ("less of it", [30: 80]), ("back to what it was", [27: 80, 30: 100]),
    ("a rounding", [30: 104]),
  ])
  func `a weight may be given otherwise`(what: String, writes: [Int: Int]) {
    #expect(rules(history(1...50, writes), truth(.showsLittle)) == [], "\(what)")
  }

  @Test func `what was given before it is plain is what it had`() {
    #expect(rules(history(1...50, [23: 130, 27: 80, 30: 128]), truth(.showsLittle)) == [])
    #expect(
      rules(history(1...50, [23: 130, 30: 140]), truth(.showsLittle)) == [.believedLittle])
  }

  @Test func `few requests on no CPU are no evidence`() {
    #expect(rules(history(1...50, [30: 130], requestsPerSecond: 0.1), truth(.showsLittle)) == [])
  }

  @Test func `others may set its weight, and a reload gives it back`() {
    let told = ControlEvent.changedByOthers(
      "web", "a", "lb1", from: Weight(clamping: 100), to: Weight(clamping: 150))
    var reports = history(1...29) + history(30...50, from: 150, [33: 140, 36: 150])
    reports[29].events = [told]
    #expect(rules(reports, truth(.showsLittle)) == [])
    #expect(
      rules(history(1...50, [30: 130], reason: .restored), truth(.showsLittle)) == [])
  }

  @Test func `a server that is long unknown may go to what its peers have`() {
    let reports = history(1...50, [30: 130], isSeen: false)
    #expect(rules(reports, truth(.showsLittle)) == [])
  }

  // MARK: What the next reading contradicts

  @Test func `a weight that moves far for what is contradicted is found`() {
    #expect(rules(history(1...50, [25: 60]), truth(.isContradicted)) == [.believedContradicted])
    #expect(rules(history(1...50, [25: 160]), truth(.isContradicted)) == [.believedContradicted])
    // In two steps as well.
    #expect(
      rules(history(1...50, [25: 80, 27: 60]), truth(.isContradicted)) == [.believedContradicted])
  }

  @Test func `a weight that moves little, or for another reason, is not`() {
    let truth = truth(.isContradicted)
    #expect(rules(history(1...50, [25: 80]), truth) == [])
    #expect(rules(history(1...50, [45: 60]), truth) == [])
    #expect(rules(history(1...50, [15: 140, 25: 60]), truth) == [])
    #expect(rules(history(1...50, [25: 60]), self.truth(.isContradicted, of: "b")) == [])
    for change in [150.0, 220] {
      #expect(
        rules(history(1...50, [25: 60]), self.truth(.isContradicted, changes: [change])) == [])
    }
    // Long before it, or after.
    #expect(
      rules(history(1...50, [25: 60]), self.truth(.isContradicted, changes: [50, 300]))
        == [.believedContradicted])
  }

  // MARK: Figures that cannot be

  @Test func `a demand that nobody sent is found, in all and by server`() {
    var truth = truth()
    truth.arrived = Array(repeating: 100, count: 600)
    let servers = [server("a", 100), server("b", 100)]
    #expect(rules([report(30, servers, demandPerSecond: 180)], truth) == [])
    #expect(rules([report(30, servers, demandPerSecond: 2000)], truth) == [.madeUpDemand])
    let rates = [
      server("a", 100, requestsPerSecond: 900), server("b", 100, requestsPerSecond: 50),
    ]
    #expect(rules([report(30, rates, demandPerSecond: 100)], truth) == [.madeUpDemand])
    // What came a while ago may still be in it.
    truth.arrived = Array(repeating: 900, count: 200) + Array(repeating: 100, count: 400)
    #expect(rules([report(30, servers, demandPerSecond: 1000)], truth) == [])
    #expect(rules([report(50, servers, demandPerSecond: 1000)], truth) == [.madeUpDemand])
  }

  @Test func `more CPU than the host has is found`() {
    var truth = truth()
    truth.hostCores = ["a": 2]
    #expect(rules([report(1, [server("a", 100, cpuCores: 2.4)])], truth) == [])
    #expect(rules([report(1, [server("a", 100, cpuCores: 5)])], truth) == [.impossibleUse])
  }

  // MARK: Traffic that does not follow

  private func swinging(_ weights: [Int], every ticks: Int = 2) -> [TickReport] {
    let writes = weights.enumerated().map { (20 + $0.offset * ticks, $0.element) }
    return history(1...60, Dictionary(uniqueKeysWithValues: writes))
  }

  @Test func `a weight that swings between two backends is found`() {
    var truth = truth()
    let swing = swinging([140, 90, 140, 90, 140, 90, 140, 90, 140])
    #expect(rules(swing, truth) == [])
    truth.sharesContainers = true
    #expect(rules(swing, truth) == [.restless])
    #expect(rules(swinging([140, 90, 140, 90]), truth) == [])
    #expect(rules(swinging([140, 90, 140, 90, 140, 90, 140, 90, 140], every: 5), truth) == [])
    truth.changes = [230]
    #expect(rules(swing, truth) == [])
  }

  @Test func `pinned traffic is not followed with many writes, nor to the floor`() {
    var truth = truth()
    truth.pinned = 0.8
    let walk = swinging([80, 65, 50, 40, 30, 20, 14, 9, 5, 2])
    #expect(rules(walk, truth) == [.restless, .walkedToTheFloor])
    #expect(rules(swinging([80, 65, 50, 40]), truth) == [])
    #expect(rules(swinging([50, 20, 7, 2], every: 5), truth) == [.walkedToTheFloor])
    truth.pinned = 0.1
    #expect(rules(walk, truth) == [])
  }
}
