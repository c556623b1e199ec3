/// The strategy of one backend, as configured, with the fallback where counters mean nothing.
package struct BackendStrategy: Strategy, Hashable {
  package enum Kind: String, Hashable, Codable, Sendable, CaseIterable {
    /// Learns costs and solves; falls back to `halfway` while sessions last for minutes.
    case capacity
    case halfway
  }

  package let kind: Kind
  private var capacity = CapacityStrategy()
  private var halfway = HalfwayStrategy()
  private var sessions = SessionWatch()
  /// Whether `capacity` is configured and `halfway` is what planned last.
  package private(set) var isFallingBack = false

  package init(_ kind: Kind) { self.kind = kind }

  /// The strategy after a reload: with all that was learned, unless the kind changed.
  package func reconfigured(as kind: Kind) -> BackendStrategy {
    kind == self.kind ? self : BackendStrategy(kind)
  }

  /// What a later run can go on from: nothing of what `halfway` knows lasts.
  package var learned: LearnedCosts { kind == .capacity ? capacity.learned : LearnedCosts() }

  /// Goes on from what an earlier run learned.
  package mutating func resume(_ learned: LearnedCosts, at now: Timestamp) {
    guard kind == .capacity else { return }
    capacity.resume(learned, at: now)
  }

  package mutating func plan(for observation: BackendObservation) -> Plan {
    // Both look at every tick, so that each is ready when the other gives way.
    let isPatient = kind == .capacity
    let simple = halfway.plan(for: observation, isPatient: isPatient)
    guard kind == .capacity else { return simple }
    let learned = capacity.plan(for: observation)
    sessions.observe(Tick(observation))
    let usesCPU = simple.servers.contains { $0.cpuCores ?? 0 > 0 }
    isFallingBack = sessions.sessionsAreLong && usesCPU
    return isFallingBack ? simple : learned
  }
}
