import Balancing
import Testing

@testable import Simulation

@Suite struct ReportPhaseTests {
  @Test func `an event opens a phase, and what is shorter than 40 s is left out`() {
    let scenario = Example.scenario(
      seconds: 200,
      events: [
        Example.demand(2, at: 100), Example.down("a", at: 130), Example.demand(1, at: 130),
      ])
    #expect(
      scenario.phases == [
        Phase(fromSeconds: 0, toSeconds: 100, label: "start"),
        Phase(fromSeconds: 130, toSeconds: 200, label: "a down, demand ×1"),
      ])
  }

  @Test func `an event at the start is the start`() {
    let scenario = Example.scenario(seconds: 60, events: [Example.down("a", at: 0)])
    #expect(scenario.phases == [Phase(fromSeconds: 0, toSeconds: 60, label: "a down")])
  }

  @Test func `an event that comes again slowly opens a phase each time`() {
    var event = Example.demand(2, at: 50)
    event.repetition = .init(everySeconds: 50, untilSeconds: 120)
    let phases = Example.scenario(seconds: 200, events: [event]).phases
    #expect(phases.map(\.fromSeconds) == [0, 50, 100])
    #expect(phases.last?.toSeconds == 200)
  }

  @Test func `an event that comes again quickly is one phase, and its end another`() {
    var event = Example.demand(2, at: 50)
    event.repetition = .init(everySeconds: 5, untilSeconds: 120)
    let phases = Example.scenario(seconds: 200, events: [event]).phases
    #expect(phases.map(\.fromSeconds) == [0, 50, 120])
    #expect(phases.map(\.label) == ["start", "demand ×2 again and again", "demand ×2 over"])
  }

  @Test func `what happens is told in a few words`() {
    var server = Event.ServerChange()
    server.restarts = true
    server.ioSeconds = 0.8
    server.setWeight = Weight(clamping: 7)
    var host = Event.HostChange()
    host.neighbourCores = 1.25
    host.cadvisorAnswers = false
    var wrongServer = Event.ServerChange()
    wrongServer.counter = Event.CounterChange(.slow(part: 0.05), seconds: 60)
    wrongServer.resetsCounters = true
    wrongServer.inFlight = Event.GaugeChange(4_294_967_295)
    var wrongHost = Event.HostChange()
    wrongHost.counters = Event.CounterChange(.spike(cpuSeconds: 20))
    wrongHost.machineCounter = Event.CounterChange(nil)
    let changes: [(Event.Change, String)] = [
      (.server("s1", server), "s1 restarts, io 0.8 s, weight 7 by hand"),
      (.host("h1", host), "h1 neighbour 1.25, cAdvisor down"),
      (.demand(factor: 1.8, overSeconds: 120), "demand ×1.8 in 120 s"),
      (.cost(factor: 0.5), "cost ×0.5"),
      (.failFast(0.1), "10 % fail fast"),
      (.reload("lb1", restoresCounters: false), "reload lb1"),
      (.reload("lb1", restoresCounters: true), "reload lb1, counters restored"),
      (.share("lb1", 0.5), "lb1 share 0.5"),
      (.slice("pod", quotaCores: 0.5), "pod quota 0.5"),
      (
        .server("s1", wrongServer),
        "s1 CPU slow (5 %) for 60 s, counters reset, shows 4294967295 in flight"
      ),
      (.host("h1", wrongHost), "h1 containers' CPU spike (20 s), machine's CPU right"),
    ]
    for (change, words) in changes { #expect(change.label == words) }
  }
}

@Suite struct ReportSpreadTests {
  @Test func `the spread is the highest over the mean`() {
    #expect(spread([0.9, 0.3]) == 1.5)
    #expect(spread([0, 0]) == 1)
    #expect(spread([]) == nil)
  }

  @Test func `the window averages ten seconds, and at the start what there is`() {
    let record = Example.record(Example.scenario(seconds: 60)) { $0 < 10 ? [1, 0] : [0, 0.5] }
    let moving = MovingUtilisation(record.seconds)
    #expect(moving.averages(endingWith: 0) == [1, 0])
    #expect(moving.averages(endingWith: 9) == [1, 0])
    #expect(moving.averages(endingWith: 14) == [0.5, 0.25])
    #expect(moving.averages(endingWith: 19) == [0, 0.5])
    #expect(moving.averages(endingWith: 60).isEmpty)
  }

  @Test func `only the seconds count in which a server served`() {
    let record = Example.record(
      Example.scenario(seconds: 60), isServing: { [true, $0 >= 5 && $0 < 20] }
    ) { $0 < 5 ? [0.5, 0] : [0.5, 0.8] }
    let moving = MovingUtilisation(record.seconds)
    #expect(moving.averages(endingWith: 4) == [0.5, nil])
    #expect(moving.averages(endingWith: 8) == [0.5, 0.8])
    #expect(moving.averages(endingWith: 25) == [0.5, nil])
    #expect(moving.spreads[25] == 1)
  }
}

@Suite struct ReportMeasuresTests {
  /// Level but for the seconds 40 to 60, in which one server has twice the other's utilisation.
  private static let disturbed = RunMeasures(
    Example.record(Example.scenario(seconds: 160, events: [Example.demand(2, at: 40)])) {
      (40..<60).contains($0) ? [0.8, 0.4] : [0.5, 0.5]
    })

  @Test func `a phase is settled from the moment after which 20 s stay small`() {
    let phases = Self.disturbed.phases
    #expect(phases.map(\.fromSeconds) == [0, 40])
    // Nothing disturbs the first.
    #expect(phases[0].settle110Seconds == 0)
    // The window that ends at 70 is the first without a disturbed second. Of those before it, the
    // one with two has 0.56 and 0.48, 1.077; the one with seven 0.71 and 0.43, 1.246.
    #expect(phases[1].settle110Seconds == 27)
    #expect(phases[1].settle125Seconds == 22)
  }

  @Test func `a phase that is never level for 20 s did not settle`() {
    let measures = RunMeasures(
      Example.record(Example.scenario(seconds: 100)) { $0 % 40 < 20 ? [0.8, 0.2] : [0.5, 0.5] })
    #expect(measures.phases[0].settle110Seconds == nil)
    #expect(measures.phases[0].settle125Seconds == nil)
  }

  @Test func `20 s that end with the phase are enough, one less are not`() {
    func settles(levelFrom second: Int) -> Double? {
      RunMeasures(
        Example.record(Example.scenario(seconds: 100)) {
          $0 < second ? [0.9, 0.1] : [0.5, 0.5]
        }
      ).phases[0].settle110Seconds
    }
    // One such second of ten makes 0.54 and 0.46, which is small enough; two are not.
    #expect(settles(levelFrom: 72) == 80)
    #expect(settles(levelFrom: 73) == nil)
  }

  @Test func `when nobody serves nothing is settled and there is no spread`() {
    let measures = RunMeasures(
      Example.record(Example.scenario(seconds: 60), isServing: { _ in [false, false] }) { _ in
        [0, 0]
      })
    #expect(measures.phases[0].settle125Seconds == nil)
    #expect(measures.phases[0].spreadMean == nil)
    #expect(measures.phases[0].spreadWorst == nil)
  }

  @Test func `the steady spread is that of the averages over the second half`() throws {
    // Uneven by turns of 10 s in the second half, but equal in the mean.
    let measures = RunMeasures(
      Example.record(Example.scenario(seconds: 80)) {
        $0 < 40 ? [1, 0] : $0 / 10 % 2 == 0 ? [0.6, 0.4] : [0.4, 0.6]
      })
    let phase = try #require(measures.phases.first)
    #expect(try abs(#require(phase.spreadMean) - 1) < 1e-9)
    // The window that ends at 41 has nine seconds of the first half in it.
    #expect(try abs(#require(phase.spreadWorst) - 1.92) < 1e-9)
  }

  @Test func `requests count in the phase in which they arrived`() {
    var record = Example.record(
      Example.scenario(seconds: 200, events: [Example.demand(2, at: 100)])
    ) { _ in [0.5, 0.5] }
    record.requests = [
      Example.request(at: 10, took: 0.1), Example.request(at: 20, took: 0.3),
      Example.request(at: 120, took: 30, failed: true), Example.request(at: 150, took: 0.2),
    ]
    let measures = RunMeasures(record)
    #expect(measures.phases.map(\.requests.requests) == [3, 1])
    #expect(measures.phases.map(\.requests.failed) == [1, 0])
    #expect(measures.requests.requests == 4)
    #expect(measures.phases[1].requests.p99Milliseconds.map { $0.rounded() } == 200)
  }

  @Test func `a request that failed at once counts as one that took the whole timeout`() {
    var record = Example.record(Example.scenario(seconds: 60)) { _ in [0.5, 0.5] }
    record.requests = [Example.request(at: 10, took: 0.001, failed: true)]
    #expect(RunMeasures(record).requests.p50Milliseconds == 30_000)
  }

  @Test func `percentiles are by nearest rank`() {
    let figures = RequestFigures(latencies: (1...200).reversed().map { Float($0) }, failed: 0)
    #expect(figures.p50Milliseconds == 100_000)
    #expect(figures.p99Milliseconds == 198_000)
    #expect(RequestFigures(latencies: [], failed: 0).p99Milliseconds == nil)
    #expect(RequestFigures(latencies: [2], failed: 0).p50Milliseconds == 2000)
  }

  @Test func `writes are counted in the second half, per server and hour`() {
    var record = Example.record(Example.scenario(seconds: 144)) { _ in [0.5, 0.5] }
    record.writes = [10, 71.9, 72, 143, 144].map { .init(atSeconds: $0, server: 0, weight: 1) }
    // Two within 72 s on two servers.
    #expect(RunMeasures(record).phases[0].writesPerServerHour == 50)
  }
}
