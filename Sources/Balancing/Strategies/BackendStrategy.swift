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
  private var examination = Examination()
  private var limits = LimitAdviser()
  private var response = ShareResponse()
  /// Whether `capacity` is configured and `halfway` is what planned last.
  package private(set) var isFallingBack = false
  /// Whether shares of the requests answer to weights, as far as was seen.
  package var sharesAnswer: Bool { response.answers }
  /// What was found in the last tick beside the doubts of servers.
  package private(set) var findings = Findings()

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
    examination.resume(learned, at: now)
  }

  /// What others may be told of it.
  package func costsToTell(at now: Timestamp) -> [ServerName: ToldCost] {
    kind == .capacity ? capacity.costsToTell(at: now) : [:]
  }

  /// Takes in what others have learned.
  package mutating func hear(_ told: [ServerName: ToldCost]) {
    guard kind == .capacity else { return }
    capacity.hear(told)
  }

  /// Forgets all that was learned under a server's name, which has become another's.
  package mutating func forget(_ server: ServerName) {
    capacity.forget(server)
    halfway.forget(server)
    examination.forget(server)
    limits.forget(server)
    response.forget(server)
  }

  package mutating func plan(for observation: BackendObservation) -> Plan {
    let examined = examination.examine(observation)
    findings = examined.findings
    response.observe(Tick(observation), isAstray: findings.astray != nil)
    var seen = examined.observation
    // What does not follow weights is not helped by more of them.
    if findings.astray != nil { seen.watchSeconds = seen.intervalSeconds }
    var plan = unhurried(for: seen)
    limits.advise(
      &plan, in: Tick(seen), areLong: sessions.sessionsAreLong)
    if let astray = findings.astray, !mayWrite(observation) {
      plan.verdict = .hold(.trafficIgnoresWeights(astray))
    }
    return plan
  }

  /// What requests do not follow is written seldom, and by `halfway`, which goes on from it, never.
  private func mayWrite(_ observation: BackendObservation) -> Bool {
    guard kind == .capacity, !isFallingBack else { return false }
    guard let lastWrite = observation.lastWrite else { return true }
    return observation.now.seconds(since: lastWrite) >= CapacityConstants.usualSeconds
  }

  private mutating func unhurried(for observation: BackendObservation) -> Plan {
    // Both look at every tick, so that each is ready when the other gives way.
    let isPatient = kind == .capacity
    let simple = halfway.plan(for: observation, isPatient: isPatient)
    guard kind == .capacity else { return simple }
    let learned = capacity.plan(for: observation.with(response))
    sessions.observe(Tick(observation))
    let usesCPU = simple.servers.contains { $0.cpuCores ?? 0 > 0 }
    isFallingBack = sessions.sessionsAreLong && usesCPU
    return isFallingBack ? simple : learned
  }
}

extension BackendObservation {
  /// With shares of the requests in the place of shares of the weights.
  fileprivate func with(_ response: ShareResponse) -> BackendObservation {
    var observation = self
    for index in servers.indices where servers[index].state.takesTraffic {
      observation.servers[index].response = response.factor(of: servers[index].name)
      observation.servers[index].share *= observation.servers[index].response
    }
    let (weights, requests) = (
      servers.reduce(0) { $0 + $1.share }, observation.servers.reduce(0) { $0 + $1.share }
    )
    guard requests > 0, requests.isFinite else { return self }
    for index in servers.indices {
      observation.servers[index].share *= weights / requests
      observation.servers[index].response *= weights / requests
    }
    return observation
  }
}
