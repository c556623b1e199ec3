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

extension ServerCounts {
  /// Takes in what is read of the server at a moment, where a tick is due every ten seconds.
  mutating func read(_ requests: RequestCounters, at now: Timestamp) {
    let server = ServerObservation(
      name: "a", state: .up, share: 1, requests: requests, container: nil)
    read(
      server,
      in: Tick(
        BackendObservation(
          now: now, intervalSeconds: 10, discipline: .rate, servers: [server], hosts: [:],
          lastWrite: nil)))
  }
}
