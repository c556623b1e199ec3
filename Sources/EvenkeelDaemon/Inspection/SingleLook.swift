package import Control

/// Ticks outside the daemon: for `plan`, and for `once`.
package struct SingleLook: Sendable {
  private let configuration: Configuration
  private let fleet: Fleet

  package init(configuration: Configuration, fleet: Fleet) {
    self.configuration = configuration
    self.fleet = fleet
  }

  /// Two looks, `window` apart, and what would be set; changes nothing.
  package func plan(window: Duration) async throws -> Snapshot {
    var settings = fleet.settings
    settings.interval = window
    for index in settings.backends.indices { settings.backends[index].mode = .observe }
    let steadyClock = SteadyClock()
    var controller = FleetController(
      settings: settings, endpoints: fleet.endpoints, balancers: fleet.balancers,
      peerTime: .seconds(10), now: { steadyClock.now })
    let clock = ContinuousClock()
    let second = clock.now + window
    _ = await controller.tick()
    try await clock.sleep(until: second)
    return await controller.tick().snapshot
  }

  /// One pass that writes, going on from what an earlier one learned.
  package func once(from learned: OnceState?) async -> (TickReport, OnceState) {
    let boot = BootTime.now
    // Between two passes the wall clock may have been set: all that was measured is on this one.
    let steadyClock = SteadyClock(from: learned?.clock?.goingOn(at: boot) ?? .onWallClock)
    let mark = boot.map { ClockMark(steady: steadyClock.now, boot: $0) }
    var controller = FleetController(
      settings: fleet.settings, endpoints: fleet.endpoints, balancers: fleet.balancers,
      state: learned?.state ?? FleetState(), samples: learned?.samples ?? .init(),
      now: { steadyClock.now })
    let report = await controller.tick()
    let (state, samples) = await controller.learned
    return (report, OnceState(state: state, samples: samples, clock: mark))
  }
}
