import Balancing
import Control
import Testing

/// Throttling and pressure, as they are shown.
@Suite struct CPUWaitTests {
  private static func time(_ seconds: Double) -> Timestamp {
    Timestamp(nanoseconds: 1_700_000_000_000_000_000).advanced(bySeconds: seconds)
  }

  /// What is known of a container after readings at these seconds.
  private func wait(after readings: [(seconds: Double, CPUWaitCounters?)]) async -> CPUWait? {
    let store = SampleStore()
    var view: SampleView?
    for (seconds, counters) in readings {
      let sample = CPUSample(
        timestamp: Self.time(seconds), cpuNanoseconds: UInt64(seconds * 1e8))
      let reading = HostReading(
        answeredAt: Self.time(seconds), cores: 4, hostSample: nil,
        containers: [
          ContainerReading(
            id: "a", aliases: ["a"], labels: [:], sample: sample, waits: counters, quotaCores: 0.5)
        ])
      view = await store.ingest([
        EndpointOutcome(
          endpoint: "http://web1:8080", host: "web1", receivedAt: Self.time(seconds),
          answer: .success(reading))
      ])
    }
    return view?.hosts["web1"]?.containers["a"]?.wait
  }

  @Test func `the part of periods and of time between two readings is what is told`() async {
    let wait = await wait(after: [
      (0, .init(periods: 100, throttledPeriods: 90, pressureNanoseconds: 5_000_000_000)),
      (10, .init(periods: 200, throttledPeriods: 115, pressureNanoseconds: 7_500_000_000)),
    ])
    #expect(wait?.throttled == 0.25 && wait?.pressure == 0.25)
  }

  @Test func `the same reading once more changes nothing`() async {
    let counters = CPUWaitCounters(periods: 200, throttledPeriods: 115)
    let wait = await wait(after: [
      (0, .init(periods: 100, throttledPeriods: 90)), (10, counters), (10, counters),
    ])
    #expect(wait?.throttled == 0.25 && wait?.pressure == nil)
  }

  @Test func `without a quota no period counts, and nothing is told`() async {
    let still = CPUWaitCounters(periods: 0, throttledPeriods: 0)
    let wait = await wait(after: [(0, still), (10, still)])
    #expect(wait?.throttled == nil)
  }

  @Test func `counters that begin anew, or cannot be, tell no more than all`() async {
    let anew = await wait(after: [
      (0, .init(periods: 100, throttledPeriods: 90, pressureNanoseconds: 9)),
      (10, .init(periods: 3, throttledPeriods: 1, pressureNanoseconds: 1)),
    ])
    #expect(anew?.throttled == nil && anew?.pressure == nil)
    let absurd = await wait(after: [
      (0, .init(periods: 1, throttledPeriods: 0, pressureNanoseconds: 0)),
      (10, .init(periods: 2, throttledPeriods: .max, pressureNanoseconds: .max)),
    ])
    #expect(absurd?.throttled == 1 && absurd?.pressure == 1)
  }

  @Test func `who stops telling it is not quoted with what was`() async {
    let wait = await wait(after: [
      (0, .init(periods: 100, throttledPeriods: 90)),
      (10, .init(periods: 200, throttledPeriods: 115)), (20, nil),
    ])
    #expect(wait == nil)
  }
}
