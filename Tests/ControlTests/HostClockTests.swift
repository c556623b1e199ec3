import Balancing
import Control
import TestSupport
import Testing

/// A machine whose clock is set, seen through samples and dates.
@Suite struct HostClockTests {
  private static let start = Timestamp(nanoseconds: 1_700_000_000_250_000_000)

  /// One machine, asked every so many seconds, whose container uses two cores all the time.
  private struct Machine {
    var clock = HostClock()
    var window = SampleWindow()
    var hasDates = true
    var interval = 10.0
    /// Seconds by which its clock, and that of the dates, is ahead.
    var ahead = 0.0
    var dateAhead = 0.0
    /// Seconds since its newest sample.
    var age = 0.5
    private(set) var seconds = 0.0

    private var now: Timestamp { HostClockTests.start.advanced(bySeconds: seconds) }

    /// Asks once; the answer is on its way for `delay` seconds.
    mutating func ask(delay: Double = 0) {
      seconds += interval
      let sample = CPUSample(
        timestamp: now.advanced(bySeconds: ahead - age),
        cpuNanoseconds: UInt64(2e9 * (1_000 + seconds - age)))
      let date = now.advanced(bySeconds: dateAhead).nanoseconds
      let reading = HostReading(
        answeredAt: hasDates
          ? Timestamp(nanoseconds: date - date % 1_000_000_000) : nil, cores: 4, hostSample: nil,
        containers: [
          ContainerReading(id: "a", aliases: ["a"], labels: [:], sample: sample, quotaCores: nil)
        ])
      let steady = clock.steady(reading, receivedAt: now.advanced(bySeconds: delay))
      if let sample = steady.containers[0].sample { window.add(sample) }
    }

    mutating func ask(times: Int) { for _ in 0..<times { ask() } }

    mutating func set(by seconds: Double) {
      ahead += seconds
      dateAhead += seconds
    }

    /// Cores used from each sample to the next.
    var rates: [Double] {
      zip(window.samples, window.samples.dropFirst()).map { earlier, later in
        (later.cpuSeconds(since: earlier) ?? .nan)
          / later.timestamp.seconds(since: earlier.timestamp)
      }
    }

    /// Seconds since the newest sample, as the mathematics sees it.
    var shownAge: Double {
      guard let newest = window.samples.last else { return .infinity }
      return now.seconds(since: newest.timestamp.advanced(bySeconds: -clock.value))
    }
  }

  @Test(arguments: [
    -1.7e9, -7200, -61, -59, -30, -10, -5, -2, 2, 5, 30, 90, 7200, 1.7e9,
  ])
  func `a clock that is set makes no rate wrong, and no sample old`(step: Double) {
    var machine = Machine()
    machine.ask(times: 6)
    machine.set(by: step)
    for round in 0..<12 {
      machine.ask()
      // One reading is left out, until a second one bears it out.
      #expect(abs(machine.shownAge - machine.age) < (round == 0 ? 12 : 2), "\(round)")
    }
    #expect(machine.window.samples.count == 17)
    // A step is known to a second; it is spread over the two intervals that it fell in.
    #expect(machine.rates.allSatisfy { abs($0 - 2) < 0.15 }, "\(machine.rates)")
  }

  @Test(arguments: [-7200.0, -59, -30, -15])
  func `without dates, a step back is told by the samples`(step: Double) {
    var machine = Machine()
    machine.hasDates = false
    machine.ask(times: 6)
    machine.set(by: step)
    machine.ask(times: 6)
    #expect(machine.window.samples.count == 11)
    #expect(machine.rates.allSatisfy { abs($0 - 2) < 0.01 }, "\(machine.rates)")
  }

  @Test func `behind a proxy with dates of its own, samples are followed all the same`() {
    var machine = Machine()
    machine.ask(times: 6)
    machine.ahead -= 30
    machine.ask(times: 6)
    #expect(machine.rates.allSatisfy { abs($0 - 2) < 0.01 }, "\(machine.rates)")
    #expect(machine.window.samples.count == 11)
    #expect(abs(machine.shownAge - machine.age) < 1)
    // And the proxy's clock is not theirs.
    machine.dateAhead += 45
    machine.ask(times: 6)
    #expect(machine.rates.allSatisfy { abs($0 - 2) < 0.01 }, "\(machine.rates)")
    #expect(abs(machine.shownAge - machine.age) < 1)
  }

  @Test func `answers that are long on their way are no steps`() {
    var machine = Machine()
    machine.ask(times: 3)
    for delay in [4.0, 0, 0, 2.5, 0, 4.5, 1.9, 0, 4, 0.2, 3] { machine.ask(delay: delay) }
    machine.ask(times: 2)
    #expect(machine.rates.allSatisfy { abs($0 - 2) < 0.01 }, "\(machine.rates)")
    #expect(machine.window.samples.count >= 10)
  }

  @Test func `a machine that tells nothing new for an hour is believed when it does`() {
    var machine = Machine()
    machine.ask(times: 3)
    for _ in 0..<360 {
      machine.age += 10
      machine.ask()
    }
    machine.age = 0.5
    machine.ask(times: 4)
    #expect(abs(machine.shownAge - machine.age) < 1)
  }

  @Test func `one sample from another century is left out`() {
    var machine = Machine()
    machine.ask(times: 3)
    machine.ahead += 3e9
    machine.ask()
    machine.ahead -= 3e9
    machine.ask(times: 4)
    #expect(machine.window.samples.count == 7)
    #expect(machine.rates.allSatisfy { abs($0 - 2) < 0.01 }, "\(machine.rates)")
    // Two of them are taken for what they are as soon as others agree with the dates.
    machine.ahead += 3e9
    machine.ask(times: 2)
    machine.ahead -= 3e9
    machine.ask(times: 3)
    #expect(abs(machine.shownAge - machine.age) < 1)
  }

  @Test(arguments: [-30.0, 30])
  func `servers on a host whose clock is set are steered on, at no loss`(
    step: Double
  ) async {
    let cluster = FakeCluster(servers: [
      .init("a", quotaCores: 0.5), .init("b", quotaCores: 1),
      .init("c", host: "web2", quotaCores: 1),
    ])
    var controller = cluster.controller()
    for _ in 0..<15 {
      cluster.advance(by: 10)
      _ = await controller.tick()
    }
    let (before, writes) = (cluster.weight("a"), cluster.snapshot.balancers["lb1"]?.writes.count)
    cluster.change { $0.clocksAhead["web1"] = step }
    for _ in 0..<12 {
      cluster.advance(by: 10)
      let report = await controller.tick()
      let servers = report.snapshot.backends[0].servers
      #expect(servers.allSatisfy { $0.condition == .live })
      #expect(servers.allSatisfy { $0.sampleAgeSeconds ?? .infinity < 12 })
    }
    #expect(cluster.weight("a") == before)
    #expect(cluster.snapshot.balancers["lb1"]?.writes.count == writes)
  }
}
