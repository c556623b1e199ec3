import Testing

@testable import Balancing

/// Seconds of a clock, as a timestamp.
func at(_ seconds: Double) -> Timestamp { Timestamp(nanoseconds: Int64(seconds * 1e9)) }

/// A tick without servers.
func tick(at seconds: Double, hosts: [HostName: HostObservation] = [:]) -> Tick {
  Tick(
    BackendObservation(
      now: at(seconds), intervalSeconds: 10, discipline: .rate, servers: [], hosts: hosts,
      lastWrite: nil))
}

/// A sample at a second, of a counter of seconds.
func sample(_ seconds: Double, _ cpuSeconds: Double) -> CPUSample {
  CPUSample(timestamp: at(seconds), cpuNanoseconds: UInt64(cpuSeconds * 1e9))
}

/// Counters read window by window.
@Suite struct MeterTests {
  @Test func `a repeat is not a sample`() {
    let run = SampleRun([sample(1, 1), sample(2, 2), sample(2, 2)])
    #expect(run.samples == [sample(1, 1), sample(2, 2)])
    #expect(!run.followsFall)
  }

  @Test func `between two samples a counter is a straight line, and after them it goes on`() {
    let run = SampleRun([sample(10, 5), sample(20, 15), sample(30, 15)])
    #expect(run.cpuSeconds(from: at(12), to: at(18), beyond: 9) == 6)
    #expect(run.cpuSeconds(from: at(15), to: at(30), beyond: 9) == 5)
    #expect(run.cpuSeconds(from: at(25), to: at(32), beyond: 0.5) == 1)
    #expect(run.cpuSeconds(from: at(32), to: at(36), beyond: 0.5) == 2)
    // Before them nothing is known.
    #expect(run.cpuSeconds(from: at(0), to: at(12), beyond: 9) == 2)
    #expect(run.cpuSeconds(from: at(12), to: at(11), beyond: 9) == 0)
    #expect(SampleRun([]).cpuSeconds(from: at(0), to: at(9), beyond: 9) == 81)
    #expect(SampleRun([sample(1, 1)]).cpuSeconds(from: at(0), to: at(3), beyond: 2) == 4)
  }

  @Test(
    arguments: [
      [sample(1, 5), sample(2, 1), sample(3, 2)],
      [sample(9, 1), sample(2, 1), sample(3, 2)],
      [sample(2, 5), sample(2, 1), sample(3, 2)],
    ])
  func `only what follows a fall of counter or time is used`(list: [CPUSample]) {
    let run = SampleRun(list)
    #expect(run.samples == [sample(2, 1), sample(3, 2)])
    #expect(run.followsFall)
  }

  @Test func `a window goes from the last sample used to the newest`() throws {
    var meter = CPUMeter()
    let first = meter.close(
      at: SampleRun([sample(1, 0), sample(5, 2), sample(11, 8)]), from: .notBefore(at(3)),
      shortest: 2, ceiling: 100)
    #expect(first?.seconds == 6)
    #expect(first?.cpuSeconds == 6)
    #expect(meter.rate?.cores == 1)
    let short = meter.close(
      at: SampleRun([sample(12, 8.5)]), from: .notBefore(at(3)), shortest: 2, ceiling: 100)
    #expect(short == nil)
    #expect(meter.rate?.cores == 1)
    let second = meter.close(
      at: SampleRun([sample(13, 9)]), from: .notBefore(at(3)), shortest: 2, ceiling: 100)
    #expect(second?.cpuSeconds == 1)
    #expect(meter.rate?.cores == 0.5)
  }

  @Test func `a window never begins before what is known of the requests`() {
    var meter = CPUMeter()
    _ = meter.close(
      at: SampleRun([sample(1, 0), sample(5, 2)]), from: .notBefore(at(0)), shortest: 2,
      ceiling: 100)
    let late = meter.close(
      at: SampleRun([sample(300, 50), sample(310, 60)]), from: .notBefore(at(290)), shortest: 2,
      ceiling: 100)
    #expect(late?.cpuSeconds == 10)
  }

  @Test func `a window begins after the last write where it can`() {
    let run = SampleRun([sample(0, 0), sample(10, 1), sample(12, 1.5), sample(20, 9.5)])
    var meter = CPUMeter()
    let window = meter.close(
      at: run, from: .preferablyAfter(at(11)), shortest: 2, ceiling: 100)
    #expect(window?.from == sample(12, 1.5))
    var late = CPUMeter()
    let whole = late.close(at: run, from: .preferablyAfter(at(19)), shortest: 2, ceiling: 100)
    #expect(whole?.from == sample(0, 0))
  }

  @Test(
    arguments: [
      [sample(30, 1), sample(40, 2)], [sample(5, 90)],
      [sample(10, 50), sample(20, 3), sample(30, 100)],
    ])
  func `a fall since the last sample restarts the meter`(list: [CPUSample]) {
    var meter = CPUMeter()
    _ = meter.close(
      at: SampleRun([sample(1, 0), sample(10, 50)]), from: .preferablyAfter(nil), shortest: 2,
      ceiling: 100)
    let restarted = meter.restartAfterFall(in: SampleRun(list))
    #expect(restarted)
    #expect(meter.rate == nil)
  }

  @Test func `a fall that was dealt with restarts nothing again`() {
    let list = [sample(1, 50), sample(2, 1), sample(10, 5)]
    var meter = CPUMeter()
    _ = meter.close(
      at: SampleRun(list), from: .preferablyAfter(nil), shortest: 2, ceiling: 100)
    #expect(meter.rate?.cores == 0.5)
    let restarted = meter.restartAfterFall(in: SampleRun(list + [sample(20, 6)]))
    #expect(!restarted)
  }

  @Test func `a counter that no host could drive is not believed`() {
    var meter = CPUMeter()
    let broken = [sample(1, 0), CPUSample(timestamp: at(10), cpuNanoseconds: .max)]
    let window = meter.close(
      at: SampleRun(broken), from: .preferablyAfter(nil), shortest: 2, ceiling: 8)
    #expect(window == nil)
    #expect(meter.rate == nil)
  }
}

/// HAProxy's counters between polls.
@Suite struct CounterHistoryTests {
  private func history(_ polls: [(Double, Double)]) -> CounterHistory {
    var (meter, history) = (CounterMeter(), CounterHistory())
    for (seconds, done) in polls {
      meter.read(RequestCounters(arrived: done, done: done, inFlight: 0), at: at(seconds))
      history.add(meter.growth?.succeeded, at: at(seconds))
    }
    return history
  }

  @Test(
    arguments: [
      (0.0, 10.0, 100.0), (5.0, 15.0, 150.0), (10.0, 20.0, 200.0), (12.0, 13.0, 20.0),
      (-50.0, 10.0, 100.0), (15.0, 99.0, 100.0), (30.0, 40.0, 0.0),
    ])
  func `between polls counters are straight lines and the ends are held`(
    from: Double, to: Double, requests: Double
  ) {
    let history = history([(0, 0), (10, 100), (20, 300)])
    var ahead: CounterHistory.Poll?
    let answered = history.answered(from: at(from), to: at(to), after: &ahead)
    #expect(isNear(answered, requests))
  }

  @Test func `no request is lost where a sample is younger than the poll`() {
    var history = history([(0, 0), (10, 100)])
    var ahead: CounterHistory.Poll?
    let first = history.answered(from: at(0), to: at(11), after: &ahead)
    history.add(100, at: at(20))
    let second = history.answered(from: at(11), to: at(21), after: &ahead)
    #expect([first, second] == [100, 100])
  }

  @Test(
    arguments: [
      ([(0.0, 5.0)], nil), ([(0, 0), (10, 100), (15, 300)], 40),
      ([(0, 0), (10, 100), (10, 100)], 10),
      ([(0, 0), (10, 100), (20, 50)], nil), ([(0, 0), (10, 100), (5, 200)], nil),
      ([(0, 0), (10, 100), (320, 1000)], nil), ([(0, 9), (10, 9)], 0),
    ] as [([(Double, Double)], Double?)])
  func `arrivals are of the time since the last poll`(
    polls: [(Double, Double)], perSecond: Double?
  ) {
    var counts = ServerCounts(seen: at(0))
    for (seconds, arrived) in polls {
      counts.read(
        RequestCounters(arrived: arrived, done: arrived, inFlight: 0), at: at(seconds))
    }
    #expect(counts.backlog.arrivalsPerSecond == perSecond)
  }

  @Test func `a counter or a clock that went back begins anew`() {
    let fallen = history([(0, 0), (10, 100), (20, 50)])
    #expect(fallen.count(from: at(0), to: at(20)) == 0)
    let earlier = history([(10, 0), (20, 100), (5, 200)])
    #expect(earlier.beginning == at(5))
  }

  @Test func `five minutes are kept`() {
    let history = history((0...100).map { (Double($0) * 10, Double($0)) })
    #expect(history.beginning == at(700))
  }
}

/// What is smoothed, and what is not.
@Suite struct SmoothingTests {
  @Test func `demand is smoothed but for steps`() {
    var demand = Demand()
    let planned = [100.0, 130, 200, 0, 1].enumerated().map { index, arrivals in
      demand.observe(arrivals, at: at(Double(index) * 10), interval: 10)
    }
    #expect(isNear(planned, [100, 111.804_080, 200, 0, 1], 1e-6))
  }

  @Test func `a step of a few requests is no step`() {
    var demand = Demand()
    _ = demand.observe(5, at: at(0), interval: 10)
    let planned = demand.observe(10, at: at(1), interval: 10)
    #expect(planned < 5.3)
  }
}
