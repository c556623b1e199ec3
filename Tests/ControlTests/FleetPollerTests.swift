import Balancing
import Control
import Synchronization
import TestSupport
import Testing

@Suite struct FleetPollerTests {
  private static let pace = Pace(interval: .seconds(10))

  /// An endpoint that answers, hangs until it is cancelled, or fails.
  private struct Source: LoadSource {
    enum Behaviour { case answers, hangs, fails }

    let name: EndpointName
    let behaviour: Behaviour
    var host: HostName { HostName(name.text) }

    func read() async throws(PortFailure) -> HostReading {
      switch behaviour {
      case .answers:
        return HostReading(answeredAt: nil, cores: 2, hostSample: nil, containers: [])
      case .hangs:
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        for await _ in stream {}
        continuation.finish()
        throw PortFailure(.cancelled, "cancelled")
      case .fails:
        throw PortFailure(.unreachable, "\(name): refused")
      }
    }
  }

  @Test func `an endpoint that hangs costs the others nothing and fails at its deadline`() async {
    let clock = ManualClock()
    let poller = FleetPoller(clock: clock, now: { Timestamp(nanoseconds: 0) })
    let sources: [any LoadSource] = [
      Source(name: "a", behaviour: .answers), Source(name: "b", behaviour: .hangs),
      Source(name: "c", behaviour: .fails), Source(name: "d", behaviour: .answers),
    ]
    async let reading = poller.poll(
      endpoints: sources, balancers: [], peers: [], backends: [:], pace: Self.pace)
    // The three that answer have deadlines too, for a moment.
    await clock.waitForSleepers(1, leftOf: sources.count)
    clock.advance(by: Self.pace.endpointDeadline)
    let outcomes = await reading.endpoints
    #expect(outcomes.map(\.endpoint.text) == ["a", "b", "c", "d"])
    #expect(outcomes.map { (try? $0.answer.get()) != nil } == [true, false, false, true])
    guard case .failure(let failure) = outcomes[1].answer else { return }
    #expect(failure.kind == .timedOut)
    #expect(failure.message == "b: no answer within 5.0 s")
  }

  @Test func `more endpoints than are polled at once are all polled, in order`() async {
    let poller = FleetPoller(clock: ContinuousClock(), now: { Timestamp(nanoseconds: 0) })
    let sources = (0..<600).map { Source(name: EndpointName("e\($0)"), behaviour: .answers) }
    let reading = await poller.poll(
      endpoints: sources, balancers: [], peers: [], backends: [:], pace: Self.pace)
    #expect(reading.endpoints.map(\.endpoint) == sources.map(\.name))
  }

  @Test(arguments: [1, 2, 3, 10, 60, 600])
  func `reading and writing together fit into any interval`(seconds: Int) {
    let pace = Pace(interval: .seconds(seconds))
    #expect(
      max(pace.endpointDeadline, pace.balancerDeadline) + pace.balancerDeadline < pace.interval)
    let times = [NextTick.quick, .watching, .usual].map(pace.time)
    #expect(times == times.sorted() && times.last == pace.interval)
  }
}
