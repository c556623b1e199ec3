import Balancing
import HAProxyTestSupport
import TestSupport
import Testing

@testable import Control
@testable import EvenkeelDaemon

@Suite struct KeptBrakeTests {
  private static func moment(_ seconds: Double) -> Timestamp {
    Timestamp(nanoseconds: 1_700_000_000_000_000_000).advanced(bySeconds: seconds)
  }

  private static func brake(at now: Timestamp) -> Brake {
    var brake = Brake()
    brake.pause(
      .backend("shop"),
      Brake.Pause(since: now, until: now.advanced(bySeconds: 1800), by: "anna as root"))
    brake.pause(
      .server("api", "s2"), Brake.Pause(since: now, until: nil, by: "root", isRestored: true))
    return brake
  }

  @Test func `a pause outlasts a run, and ends when it was to end`() {
    // The steady clock of the first run is half a minute behind the wall's.
    let kept = KeptBrake(
      Self.brake(at: Self.moment(-30)), steady: Self.moment(-30), wall: Self.moment(0))
    let later = kept.brake(at: Self.moment(600), steady: Self.moment(600))
    #expect(later.pauses[.backend("shop")]?.until == Self.moment(1800))
    #expect(later.pauses[.backend("shop")]?.since == Self.moment(0))
    #expect(later.pauses[.backend("shop")]?.by == "anna as root")
    #expect(later.pauses[.server("api", "s2")]?.isRestored == true)
    let end = kept.brake(at: Self.moment(1800), steady: Self.moment(1800))
    #expect(Set(end.pauses.keys) == [.server("api", "s2")])
  }

  @Test func `a clock that was set back makes no pause longer`() {
    let kept = KeptBrake(
      Self.brake(at: Self.moment(0)), steady: Self.moment(0), wall: Self.moment(0))
    let in1970 = Timestamp(nanoseconds: 0)
    let brake = kept.brake(at: in1970, steady: in1970)
    #expect(brake.pauses[.backend("shop")]?.until == in1970.advanced(bySeconds: 1800))
    #expect(brake.pauses[.backend("shop")]?.since == in1970)
  }

  @Test func `a pause is on whatever clock goes on from it`() {
    let kept = KeptBrake(
      Self.brake(at: Self.moment(0)), steady: Self.moment(0), wall: Self.moment(0))
    let brake = kept.brake(at: Self.moment(600), steady: Self.moment(-5000))
    #expect(brake.pauses[.backend("shop")]?.until == Self.moment(-3800))
    #expect(brake.pauses[.backend("shop")]?.since == Self.moment(-5600))
  }

  @Test func `what is kept is read as it was written, of whatever age`() async throws {
    let folder = try TemporaryFolder()
    let log = CollectedLog()
    let kept = KeptBrake(
      Self.brake(at: Self.moment(0)), steady: Self.moment(0), wall: Self.moment(0))
    let keeper = BrakeKeeper(
      directory: folder.path, logger: log.logger, now: { Self.moment(7 * 86_400) })
    #expect(keeper.load(steady: Self.moment(0)) == Brake())
    #expect(await keeper.save(kept) == nil)
    #expect(Set(keeper.load(steady: Self.moment(0)).pauses.keys) == [.server("api", "s2")])
    #expect(log.all.isEmpty)
    _ = try folder.write("{", to: "brake.json")
    #expect(keeper.load(steady: Self.moment(0)) == Brake())
    #expect(log.all.map(\.message) == [JournalEvent.stateUnusable.message])
  }
}

@Suite struct BrakeOrderTests {
  private func report() async -> StatusReport {
    var run = RecordedCluster.make()
    await run.run(ticks: 3)
    return run.report
  }

  private func paused(_ scope: Brake.Scope) -> Brake {
    var brake = Brake()
    brake.pause(scope, Brake.Pause(since: Timestamp(nanoseconds: 0), until: nil, by: "root"))
    return brake
  }

  @Test func `where nothing is named, nobody makes a report`() throws {
    func report() -> StatusReport {
      Issue.record("a report of ten thousand servers takes its time")
      return RecordedCluster.make().report
    }
    #expect(try BrakeOrder(.restore).scope(in: report(), brake: Brake()) == .all)
    #expect(throws: BrakeOrder.Refusal.self) {
      try BrakeOrder(.pause, server: "b").scope(in: report(), brake: Brake())
    }
  }

  @Test func `what is named is found`() async throws {
    let report = await report()
    #expect(try BrakeOrder(.pause).scope(in: report, brake: Brake()) == .all)
    #expect(
      try BrakeOrder(.restore, backend: "shop").scope(in: report, brake: Brake())
        == .backend("shop"))
    #expect(
      try BrakeOrder(.pause, backend: "shop", server: "b", seconds: 60)
        .scope(in: report, brake: Brake()) == .server("shop", "b"))
  }

  @Test(arguments: [
    (BrakeOrder(.pause, backend: "shopp"), "did you mean `shop`?"),
    (BrakeOrder(.pause, backend: "shop", server: "x"), "no server of shop"),
    (BrakeOrder(.pause, server: "b"), "a server is of a backend"),
    (BrakeOrder(.pause, seconds: 0), "from a second to a year"),
    (BrakeOrder(.pause, seconds: .infinity), "from a second to a year"),
    (BrakeOrder(.pause, seconds: 1e12), "from a second to a year"),
  ])
  func `what cannot be meant is refused, with what to say instead`(
    order: BrakeOrder, words: String
  ) async {
    let report = await report()
    let refusal = #expect(throws: BrakeOrder.Refusal.self) {
      try order.scope(in: report, brake: Brake())
    }
    #expect(refusal?.description.contains(words) == true, "\(String(describing: refusal))")
  }

  @Test func `what is paused with others is not resumed alone`() async {
    let report = await report()
    let all = #expect(throws: BrakeOrder.Refusal.self) {
      try BrakeOrder(.resume, backend: "shop").scope(in: report, brake: paused(.all))
    }
    #expect(all?.description.contains("`evenkeel resume` without a name") == true)
    let server = #expect(throws: BrakeOrder.Refusal.self) {
      try BrakeOrder(.resume, backend: "shop", server: "a")
        .scope(in: report, brake: paused(.backend("shop")))
    }
    #expect(server?.description.contains("`evenkeel resume shop`") == true)
  }
}

@Suite struct RestorationTests {
  @Test(arguments: [
    (99, nil), (100, "… and 1 more, all in the journal"),
    (250, "… and 151 more, all in the journal"),
  ])
  func `a hundred events are told one by one, and how many more there were`(
    changes: Int, more: String?
  ) {
    let written = (0..<changes).map { number in
      ControlEvent.weightChanged(
        WeightChange(
          backend: "shop", server: ServerName("s\(number)"), balancer: "lb1",
          old: Weight(clamping: 1), new: Weight(clamping: 2), reason: .restored))
    }
    let paused = ControlEvent.paused(.all, by: "anna", seconds: nil, isRestored: true)
    var restoration = FleetController.Restoration()
    restoration.events = [paused] + written
    restoration.wanted = changes
    var lines = restoration.events.prefix(100).map(\.description)
    if let more { lines.append(more) }
    lines.append("\(changes) of \(changes) weights put back")
    #expect(restoration.lines == lines)
  }
}
