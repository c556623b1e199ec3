package import Control

/// Ticks outside the daemon: for `plan`, and for `once`.
package struct SingleLook: Sendable {
  private let configuration: Configuration
  private let fleet: Fleet

  package init(configuration: Configuration, fleet: Fleet) {
    self.configuration = configuration
    self.fleet = fleet
  }

  /// Between two looks.
  private static let pause = Duration.seconds(1)

  /// Looks as the daemon does at its start until there is a plan for every backend, or nothing more
  /// is to be seen; changes nothing.
  ///
  /// - Parameters:
  ///   - limit: the longest time to look.
  ///   - learned: what the daemon would go on from.
  /// - Returns: what was seen at last, and what would be written.
  package func plan(
    within limit: Duration, from learned: LearnedFleet = LearnedFleet()
  ) async throws -> Snapshot {
    var settings = fleet.settings
    for index in settings.backends.indices { settings.backends[index].mode = .observe }
    var controller = FleetController(
      settings: settings, endpoints: fleet.endpoints, balancers: fleet.balancers, learned: learned,
      peerTime: .seconds(10), now: { [fleet] in fleet.clock.now })
    let clock = ContinuousClock()
    let end = clock.now + limit
    var next = clock.now
    var snapshot = await controller.tick().snapshot
    while snapshot.awaitsMore {
      next = max(next + Self.pause, clock.now)
      guard next <= end else { break }
      try await clock.sleep(until: next)
      snapshot = await controller.tick().snapshot
    }
    // What is shown is what the daemon would do.
    for index in snapshot.backends.indices {
      let name = snapshot.backends[index].name
      guard let backend = fleet.settings.backends.first(where: { $0.name == name }) else {
        continue
      }
      snapshot.backends[index].mode = backend.mode
    }
    return snapshot
  }

  /// One pass that writes, going on from what an earlier one learned.
  ///
  /// - Parameters:
  ///   - learned: on the fleet's clock, which is to be one that goes on from it.
  ///   - brakes: where it is kept what somebody wants left alone.
  package func once(from learned: OnceState?, heeding brakes: BrakeKeeper? = nil) async -> (
    TickReport, OnceState
  ) {
    let mark = BootTime.now.map { ClockMark(steady: fleet.clock.now, boot: $0) }
    var controller = FleetController(
      settings: fleet.settings, endpoints: fleet.endpoints, balancers: fleet.balancers,
      state: learned?.state ?? FleetState(), samples: learned?.samples ?? .init(),
      brake: brakes?.load(steady: fleet.clock.now) ?? Brake(),
      now: { [fleet] in fleet.clock.now })
    let report = await controller.tick()
    let (state, samples) = await controller.everything
    return (report, OnceState(state: state, samples: samples, clock: mark))
  }
}
