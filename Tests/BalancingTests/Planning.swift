@testable import Balancing

/// What plans by what is observed.
protocol Planning {
  mutating func plan(for observation: BackendObservation) -> Plan
}

extension BackendStrategy: Planning {}

/// `capacity` alone: it believes whatever is counted, and shares of the requests are those of the weights.
struct CapacityAlone: Planning {
  private var counts = BackendCounts()
  private var strategy = CapacityStrategy()

  mutating func plan(for observation: BackendObservation) -> Plan {
    strategy.plan(for: counts.tick(observation))
  }

  var learned: LearnedCosts { strategy.learned }

  mutating func resume(_ learned: LearnedCosts, at now: Timestamp) {
    strategy.resume(learned, at: now)
  }

  mutating func hear(_ told: [ServerName: ToldCost]) { strategy.hear(told) }

  func costsToTell(at now: Timestamp) -> [ServerName: ToldCost] { strategy.costsToTell(at: now) }
}

/// The same of `halfway`.
struct HalfwayAlone: Planning {
  private var counts = BackendCounts()
  private var strategy = HalfwayStrategy()

  mutating func plan(for observation: BackendObservation) -> Plan {
    strategy.plan(for: counts.tick(observation))
  }
}

extension BackendCounts {
  /// The next tick, with what is counted in it.
  mutating func tick(_ observation: BackendObservation) -> Tick {
    var tick = Tick(observation)
    read(&tick)
    return tick
  }
}
