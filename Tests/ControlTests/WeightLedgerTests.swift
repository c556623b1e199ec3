import Balancing
import Control
import Testing

@Suite struct WeightLedgerTests {
  private static let lb: BalancerName = "lb1"

  private static func server(
    _ weight: Int, hasAgent: Bool = false, hasSRVRecord: Bool = false
  ) -> ServerReading {
    ServerReading(
      name: "s1", state: .up, weight: Weight(clamping: weight),
      initialWeight: Weight(clamping: 100), hasAgent: hasAgent, hasSRVRecord: hasSRVRecord,
      requests: RequestCounters(arrived: 0, done: 0, inFlight: 0))
  }

  private static func weight(_ value: Int) -> Weight { Weight(clamping: value) }

  @Test func `the weights found at first are nobody's change, and not ours`() {
    var ledger = WeightLedger()
    #expect(ledger.observe([Self.server(100)], on: Self.lb, process: .adopted, interval: 1).isEmpty)
    #expect(!ledger.isOurs("s1", on: Self.lb))
  }

  @Test func `an operator's change is seen and becomes the new starting point`() {
    var ledger = WeightLedger()
    _ = ledger.observe([Self.server(100)], on: Self.lb, process: .adopted, interval: 1)
    ledger.wrote(Self.weight(80), to: "s1", on: Self.lb)
    _ = ledger.observe([Self.server(80)], on: Self.lb, process: .sameProcess, interval: 2)
    #expect(ledger.isOurs("s1", on: Self.lb))
    let findings = ledger.observe(
      [Self.server(30)], on: Self.lb, process: .sameProcess, interval: 3)
    #expect(findings == [.changedByOthers("s1", from: Self.weight(80), to: Self.weight(30))])
    #expect(!ledger.isOurs("s1", on: Self.lb))
    #expect(ledger.contest(of: "s1") == nil)
    _ = ledger.observe([Self.server(100)], on: Self.lb, process: .replaced, interval: 4)
    #expect(ledger.weightToRestore("s1", on: Self.lb) == Self.weight(30))
  }

  @Test
  func `a second foreign change within a few ticks makes a server contested until it is quiet`() {
    var ledger = WeightLedger()
    _ = ledger.observe([Self.server(100)], on: Self.lb, process: .adopted, interval: 1)
    _ = ledger.observe([Self.server(50)], on: Self.lb, process: .sameProcess, interval: 2)
    ledger.wrote(Self.weight(90), to: "s1", on: Self.lb)
    let second = ledger.observe([Self.server(50)], on: Self.lb, process: .sameProcess, interval: 4)
    #expect(second.contains(.contested("s1", .somebodyElse)))
    #expect(ledger.contest(of: "s1") == .somebodyElse)
    var findings: [WeightLedger.Interference] = []
    for tick in 5...14 {
      findings += ledger.observe(
        [Self.server(50)], on: Self.lb, process: .sameProcess, interval: tick)
    }
    #expect(findings == [.quietAgain("s1")])
    #expect(ledger.contest(of: "s1") == nil)
  }

  private static func policy(
    at seconds: Double, expected: @escaping @Sendable (ServerName) -> Bool = { _ in false }
  ) -> WeightLedger.ForeignWeightPolicy {
    WeightLedger.ForeignWeightPolicy(
      now: Timestamp(nanoseconds: 0).advanced(bySeconds: seconds), respectSeconds: 600,
      expected: expected)
  }

  @Test func `a weight that somebody sets is left alone for so long, also across a reload`() {
    var ledger = WeightLedger()
    func look(_ weight: Int, interval tick: Int, _ process: ReloadDetector.Finding = .sameProcess)
      -> [WeightLedger.Interference]
    {
      ledger.observe(
        [Self.server(weight)], on: Self.lb, process: process, interval: tick,
        policy: Self.policy(at: Double(tick) * 10))
    }
    func left(_ tick: Int) -> Double? {
      ledger.secondsLeftToHand(
        "s1", at: Timestamp(nanoseconds: 0).advanced(bySeconds: Double(tick) * 10))
    }
    _ = look(100, interval: 1, .adopted)
    #expect(left(1) == nil)
    #expect(
      look(50, interval: 2) == [
        .leftToHand("s1", from: Self.weight(100), to: Self.weight(50), seconds: 600)
      ])
    #expect(left(2) == 600)
    for tick in 3..<30 { #expect(look(50, interval: tick).isEmpty) }
    // What a reload lost is put back, and still left alone.
    #expect(look(100, interval: 30, .replaced).isEmpty)
    #expect(ledger.weightToRestore("s1", on: Self.lb) == Self.weight(50))
    #expect(left(30) == 320)
    ledger.wrote(Self.weight(50), to: "s1", on: Self.lb)
    for tick in 31..<62 { #expect(look(50, interval: tick).isEmpty) }
    #expect(left(61) == 10)
    #expect(look(50, interval: 62).isEmpty)
    #expect(left(62) == nil)
  }

  @Test func `a weight that somebody set is left alone across our own restart, if it still stands`()
  {
    func look(
      _ ledger: inout WeightLedger, _ weight: Int, at seconds: Double,
      _ process: ReloadDetector.Finding = .sameProcess
    ) {
      _ = ledger.observe(
        [Self.server(weight)], on: Self.lb, process: process, interval: Int(seconds / 10),
        policy: Self.policy(at: seconds))
    }
    func moment(_ seconds: Double) -> Timestamp {
      Timestamp(nanoseconds: 0).advanced(bySeconds: seconds)
    }
    var earlier = WeightLedger()
    look(&earlier, 100, at: 0, .adopted)
    #expect(earlier.hands(at: moment(0)).isEmpty)
    look(&earlier, 50, at: 10)
    let kept = earlier.hands(at: moment(110))
    #expect(kept == [Self.lb: ["s1": .init(weight: Self.weight(50), secondsLeft: 500)]])
    for (weight, left) in [(50, 500.0), (60, nil)] {
      var later = WeightLedger()
      later.resume(kept)
      look(&later, weight, at: 1000, .adopted)
      #expect(later.secondsLeftToHand("s1", at: moment(1000)) == left)
    }
    var broken = WeightLedger()
    broken.resume([Self.lb: ["s1": .init(weight: Self.weight(50), secondsLeft: 1e300)]])
    look(&broken, 50, at: 1000, .adopted)
    #expect(broken.secondsLeftToHand("s1", at: moment(1000)) == 600)
  }

  @Test func `a second change of a weight that is left alone is a contest, and no shorter`() {
    var ledger = WeightLedger()
    func look(_ weight: Int, interval tick: Int) -> [WeightLedger.Interference] {
      ledger.observe(
        [Self.server(weight)], on: Self.lb, process: tick == 1 ? .adopted : .sameProcess,
        interval: tick, policy: Self.policy(at: Double(tick) * 10))
    }
    _ = look(100, interval: 1)
    _ = look(50, interval: 2)
    #expect(look(60, interval: 4).contains(.contested("s1", .somebodyElse)))
    // Nobody who wrote twice is respected for a shorter time than who wrote once.
    for tick in 5..<64 { #expect(look(60, interval: tick).isEmpty) }
    #expect(look(60, interval: 64) == [.quietAgain("s1")])
    #expect(ledger.contest(of: "s1") == nil)
  }

  @Test func `what others are meant to write is taken as it is`() {
    var ledger = WeightLedger()
    _ = ledger.observe([Self.server(100)], on: Self.lb, process: .adopted, interval: 1)
    for (tick, weight) in [(2, 50), (3, 60), (4, 70)] {
      let findings = ledger.observe(
        [Self.server(weight)], on: Self.lb, process: .sameProcess, interval: tick,
        policy: Self.policy(at: Double(tick) * 10) { $0 == "s1" })
      // Told, and no contest.
      #expect(findings.count == 1 && findings != [.contested("s1", .somebodyElse)])
    }
    #expect(ledger.contest(of: "s1") == nil)
    #expect(!ledger.isOurs("s1", on: Self.lb))
    #expect(ledger.secondsLeftToHand("s1", at: Timestamp(nanoseconds: 0)) == nil)
  }

  @Test func `two foreign changes far apart are two hands`() {
    var ledger = WeightLedger()
    _ = ledger.observe([Self.server(100)], on: Self.lb, process: .adopted, interval: 1)
    _ = ledger.observe([Self.server(50)], on: Self.lb, process: .sameProcess, interval: 2)
    let later = ledger.observe([Self.server(60)], on: Self.lb, process: .sameProcess, interval: 9)
    #expect(later == [.changedByOthers("s1", from: Self.weight(50), to: Self.weight(60))])
  }

  @Test func `an agent-check that undoes weights at its slow pace is left alone for long`() {
    var ledger = WeightLedger()
    let agent = Self.server(50, hasAgent: true)
    _ = ledger.observe([agent], on: Self.lb, process: .adopted, interval: 1)
    for tick in [20, 50] {
      ledger.wrote(Self.weight(90), to: "s1", on: Self.lb)
      _ = ledger.observe([agent], on: Self.lb, process: .sameProcess, interval: tick)
    }
    #expect(ledger.contest(of: "s1") == .agentCheck)
    for tick in 51..<110 {
      _ = ledger.observe([agent], on: Self.lb, process: .sameProcess, interval: tick)
    }
    #expect(ledger.contest(of: "s1") == .agentCheck)
    _ = ledger.observe([agent], on: Self.lb, process: .sameProcess, interval: 110)
    #expect(ledger.contest(of: "s1") == nil)
  }

  @Test func `a resolver that sets the weights of an SRV record is named with its cure`() {
    var ledger = WeightLedger()
    let server = Self.server(1, hasSRVRecord: true)
    _ = ledger.observe([server], on: Self.lb, process: .adopted, interval: 1)
    for tick in [20, 50] {
      ledger.wrote(Self.weight(90), to: "s1", on: Self.lb)
      _ = ledger.observe([server], on: Self.lb, process: .sameProcess, interval: tick)
    }
    #expect(ledger.contest(of: "s1") == .srvRecord)
    #expect(WeightLedger.Suspect.srvRecord.description.contains("resolve-opts ignore-weight"))
  }

  @Test func `a weight of 0 is never put back`() {
    var ledger = WeightLedger()
    _ = ledger.observe([Self.server(100)], on: Self.lb, process: .adopted, interval: 1)
    _ = ledger.observe([Self.server(0)], on: Self.lb, process: .sameProcess, interval: 2)
    _ = ledger.observe([Self.server(100)], on: Self.lb, process: .replaced, interval: 3)
    #expect(ledger.weightToRestore("s1", on: Self.lb) == nil)
  }

  @Test func `a second reload before the weights are back does not lose them`() {
    var ledger = WeightLedger()
    _ = ledger.observe([Self.server(33)], on: Self.lb, process: .adopted, interval: 1)
    _ = ledger.observe([Self.server(100)], on: Self.lb, process: .replaced, interval: 2)
    _ = ledger.observe([Self.server(100)], on: Self.lb, process: .replaced, interval: 3)
    #expect(ledger.weightToRestore("s1", on: Self.lb) == Self.weight(33))
  }

  @Test func `whoever only observes puts nothing back`() {
    var ledger = WeightLedger()
    _ = ledger.observe([Self.server(33)], on: Self.lb, process: .adopted, interval: 1)
    _ = ledger.observe(
      [Self.server(100)], on: Self.lb, process: .replaced, interval: 2, restores: false)
    #expect(ledger.weightToRestore("s1", on: Self.lb) == nil)
  }

  @Test func `a reload makes the learned weight due, until it stands`() {
    var ledger = WeightLedger()
    _ = ledger.observe([Self.server(100)], on: Self.lb, process: .adopted, interval: 1)
    ledger.wrote(Self.weight(33), to: "s1", on: Self.lb)
    _ = ledger.observe([Self.server(33)], on: Self.lb, process: .sameProcess, interval: 2)
    let findings = ledger.observe([Self.server(100)], on: Self.lb, process: .replaced, interval: 3)
    #expect(findings.isEmpty)
    #expect(ledger.weightToRestore("s1", on: Self.lb) == Self.weight(33))
    #expect(ledger.isOurs("s1", on: Self.lb))
    ledger.wrote(Self.weight(33), to: "s1", on: Self.lb)
    _ = ledger.observe([Self.server(33)], on: Self.lb, process: .sameProcess, interval: 4)
    #expect(ledger.weightToRestore("s1", on: Self.lb) == nil)
  }

  @Test func `weights that HAProxy kept over a restart by its state file need no writing`() {
    var ledger = WeightLedger()
    _ = ledger.observe([Self.server(100)], on: Self.lb, process: .adopted, interval: 1)
    ledger.wrote(Self.weight(33), to: "s1", on: Self.lb)
    _ = ledger.observe([Self.server(33)], on: Self.lb, process: .replaced, interval: 2)
    #expect(ledger.weightToRestore("s1", on: Self.lb) == nil)
    #expect(ledger.isOurs("s1", on: Self.lb))
  }

  @Test(arguments: [(70, true), (100, false)])
  func `a write that was given up is ours if it stands, and nobody's change if not`(
    standing: Int, isOurs: Bool
  ) {
    var ledger = WeightLedger()
    _ = ledger.observe([Self.server(100)], on: Self.lb, process: .adopted, interval: 1)
    ledger.mayHaveWritten(Self.weight(70), to: "s1", on: Self.lb)
    let findings = ledger.observe(
      [Self.server(standing)], on: Self.lb, process: .sameProcess, interval: 2)
    #expect(findings.isEmpty)
    #expect(ledger.isOurs("s1", on: Self.lb) == isOurs)
  }

  @Test func `a process is told by its identity alone`() {
    var detector = ReloadDetector()
    let first = ProcessIdentity(pid: 1, startedAtSeconds: 10)
    #expect(detector.observe(first) == .adopted)
    #expect(detector.observe(first) == .sameProcess)
    // A container restarts with the same pid.
    #expect(detector.observe(ProcessIdentity(pid: 1, startedAtSeconds: 11)) == .replaced)
    #expect(detector.observe(ProcessIdentity(pid: 2, startedAtSeconds: 11)) == .replaced)
  }

  @Test func `where a process does not tell when it started, an uptime that fell is a restart`() {
    var detector = ReloadDetector()
    let process = ProcessIdentity(pid: 1, startedAtSeconds: nil)
    #expect(detector.observe(process, uptimeSeconds: 50) == .adopted)
    #expect(detector.observe(process, uptimeSeconds: 60) == .sameProcess)
    #expect(detector.observe(process, uptimeSeconds: 3) == .replaced)
  }
}
