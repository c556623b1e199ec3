import Balancing
import Control
import EvenkeelDaemon
import Testing

@Suite struct SingleLookTests {
  /// A pass with nothing reachable.
  private static func once(
    by clock: SteadyClock, from earlier: OnceState? = nil
  ) async throws -> (TickReport, OnceState) {
    let configuration = try ConfigurationText.parse(
      ConfigurationText.small(
        #", "interval": "1s""#, cadvisors: #"["http://127.0.0.1:1"]"#,
        balancers: #"[{"name": "lb1", "address": "unix:/nowhere/haproxy.sock"}]"#))
    let fleet = try await Fleet.open(configuration, file: ConfigurationText.file, clock: clock)
    let pass = await SingleLook(configuration: configuration, fleet: fleet).once(from: earlier)
    await fleet.close()
    return pass
  }

  @Test func `a pass is on the clock of its sources, and the next goes on with it`() async throws {
    // As if the wall clock had been set back by a day since.
    let clock = SteadyClock(from: Timestamp.onWallClock.advanced(bySeconds: 86_400))
    let (report, state) = try await Self.once(by: clock)
    #expect((0...60).contains(clock.now.seconds(since: report.snapshot.at)))
    let mark = try #require(state.clock)
    #expect((0...60).contains(clock.now.seconds(since: mark.steady)))
    let next = SteadyClock(goingOnFrom: state)
    #expect(abs(next.now.seconds(since: clock.now)) < 60)
    let (later, _) = try await Self.once(by: next, from: state)
    #expect((0...60).contains(later.snapshot.at.seconds(since: report.snapshot.at)))
  }

  @Test func `without an earlier pass it begins at the wall clock`() {
    let clock = SteadyClock(goingOnFrom: nil)
    #expect(abs(clock.now.seconds(since: .onWallClock)) < 60)
  }
}
