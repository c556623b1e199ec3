package import Balancing

/// What somebody asks for between two ticks.
extension FleetController {
  /// Leaves weights as they are from now on.
  ///
  /// - Parameter seconds: for how long; until somebody ends it without.
  package mutating func pause(
    _ scope: Brake.Scope, forSeconds seconds: Double?, by user: String
  ) -> ControlEvent {
    brake(scope, forSeconds: seconds, by: user, isRestored: false)
  }

  /// Ends a pause, and those of all that is within.
  package mutating func resume(_ scope: Brake.Scope, by user: String) -> [ControlEvent] {
    release(scope).map { .resumed($0, by: user) }
  }

  /// Puts HAProxy's own weights back, and leaves them so.
  package mutating func restore(
    _ scope: Brake.Scope, forSeconds seconds: Double?, by user: String
  ) async -> Restoration {
    // Before the weights are written: a tick that comes between must not write its own.
    let event = brake(scope, forSeconds: seconds, by: user, isRestored: true)
    var restoration = await giveBackAll(of: scope)
    restoration.events.insert(event, at: 0)
    return restoration
  }

  /// What came of putting weights back.
  package struct Restoration: Sendable {
    package var events: [ControlEvent] = []
    /// Weights that differed from HAProxy's own.
    package var wanted = 0
    /// Those for which there was no time.
    package var unreached = 0
    /// HAProxys that could not be asked, and why.
    package var failures: [(balancer: BalancerName, failure: PortFailure)] = []

    /// Those of them that were written.
    package var written: Int {
      events.count { if case .weightChanged = $0 { true } else { false } }
    }
  }
}
