import TestSupport
import Testing

@testable import Balancing

/// What HAProxy's counters tell, look by look.
@Suite struct CountsTests {
  private static func counters(_ count: Double, failed: Double = 0) -> RequestCounters {
    RequestCounters(arrived: count, done: count, failed: failed, inFlight: 0)
  }

  // MARK: One server's counters

  /// By how much requests had grown at each of some looks, which are ten seconds apart.
  private func grown(_ looks: [RequestCounters?]) -> [Double?] {
    var meter = CounterMeter()
    return looks.enumerated().map { number, counters in
      meter.read(counters, at: at(Double(number) * 10))
      return meter.growth?.arrived
    }
  }

  @Test func `what came over a gap is the next look's`() {
    #expect(
      grown([100, 150, nil, 400].map { $0.map { Self.counters($0) } }) == [nil, 50, nil, 250])
    var meter = CounterMeter()
    for (seconds, counters) in [(0.0, Self.counters(0)), (10, nil), (30, Self.counters(9))] {
      meter.read(counters, at: at(seconds))
    }
    #expect(meter.growth?.seconds == 30)
  }

  @Test func `the same look again is no growth, and takes nothing from the next`() {
    var meter = CounterMeter()
    let seen = [(0.0, 0.0), (10, 50), (10, 60), (20, 90)].map { seconds, count in
      meter.read(Self.counters(count), at: at(seconds))
      return meter.growth?.arrived
    }
    #expect(seen == [nil, 50, 0, 40])
  }

  @Test(arguments: 0..<5) func `where one of them goes back, all begin anew`(number: Int) {
    let all: [WritableKeyPath<RequestCounters, Double>] = [
      \.arrived, \.done, \.failed, \.tried, \.tunnelled,
    ]
    let first = RequestCounters(
      arrived: 100, done: 100, failed: 10, inFlight: 0, tried: 100, tunnelled: 10)
    var second = first
    second.arrived += 50
    var fallen = second
    fallen[keyPath: all[number]] = 5
    var third = fallen
    third.arrived += 1000
    let growths = grown([first, second, fallen, third])
    #expect(growths[1] == 50)
    #expect(growths[2] == nil)
    #expect(growths[3] == 1000)
  }

  @Test func `a difference tells what fell, and can be had without`() {
    let before = RequestCounters(arrived: 10, done: 10, failed: 3, inFlight: 5, tunnelled: 1)
    let now = RequestCounters(arrived: 30, done: 9, failed: 4, inFlight: 2, tunnelled: 0)
    let growth = now.growth(since: before, over: 10)
    #expect(
      growth
        == CounterGrowth(seconds: 10, arrived: 20, done: -1, failed: 1, tried: 20, tunnelled: -1))
    #expect(
      growth.withoutStepsBack
        == CounterGrowth(seconds: 10, arrived: 20, done: 0, failed: 1, tried: 20, tunnelled: 0))
  }

  @Test func `a clock that went back begins anew`() {
    var meter = CounterMeter()
    for seconds in [100.0, 110, 50] { meter.read(Self.counters(seconds), at: at(seconds)) }
    #expect(meter.growth == nil)
  }

  // MARK: A backend's

  private struct Backend {
    var counts = BackendCounts()
    var seconds = 0.0
    var arrived = ["a": 0.0, "b": 0, "c": 0]

    /// What came can be held against the weights, ten seconds later.
    mutating func look(
      _ names: [String] = ["a", "b", "c"], away: Set<String> = [], unread: Set<String> = []
    ) -> Arrivals? {
      seconds += 10
      for name in arrived.keys { arrived[name]? += 100 }
      let servers = names.map { name in
        ServerObservation(
          name: ServerName(name), state: away.contains(name) ? .drain : .up, share: 0.3,
          requests: unread.contains(name) ? nil : CountsTests.counters(arrived[name] ?? 0),
          container: nil)
      }
      return counts.tick(
        BackendObservation(
          now: at(seconds), intervalSeconds: 10, discipline: .rate, servers: servers, hosts: [:],
          lastWrite: nil)
      ).arrivals
    }
  }

  @Test func `two looks at the same servers tell what came, in whatever order they stand`() {
    var backend = Backend()
    #expect(backend.look() == nil)
    #expect(backend.look()?.total == 300)
    #expect(backend.look(["c", "a", "b"])?.total == 300)
  }

  @Test func `what came while a server was away or could not be read is not held against weights`()
  {
    var backend = Backend()
    _ = backend.look()
    #expect(backend.look(away: ["b"]) == nil)
    #expect(backend.look(away: ["b"])?.total == 200)
    #expect(backend.look() == nil)
    #expect(backend.look()?.total == 300)
    #expect(backend.look(unread: ["c"]) == nil)
    #expect(backend.look() == nil)
    #expect(backend.look()?.total == 300)
  }

  @Test func `a server whose name has become another's is new`() {
    var backend = Backend()
    _ = backend.look()
    _ = backend.look()
    backend.counts.forget("b")
    #expect(backend.look() == nil)
    #expect(backend.look()?.total == 300)
  }

  // MARK: What a tick is asked for

  @Test(
    arguments: [
      ([(NextTick.quick, true)], true), ([(.quick, true), (.quick, false)], false),
      ([(.quick, false)], false), ([], false),
    ] as [([(NextTick, Bool)], Bool)])
  func `a tick is for learners alone if nothing else asks for it`(
    asks: [(NextTick, Bool)], isForLearners: Bool
  ) {
    var draft = PlanDraft([], in: tick(at: 0))
    for (next, isForLearners) in asks {
      draft.ask(for: next, isForLearners: isForLearners, if: true)
    }
    draft.ask(for: .quick, if: false)
    #expect(draft.plan(.change).isForLearners == isForLearners)
    #expect(!draft.plan(.hold(.learning)).isForLearners)
  }
}
