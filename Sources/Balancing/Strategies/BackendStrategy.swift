/// The strategy of one backend, as configured, with the fallback where counters mean nothing.
package struct BackendStrategy: Hashable, Codable, Sendable {
  package enum Kind: String, Hashable, Codable, Sendable, CaseIterable {
    /// Learns costs and solves; falls back to `halfway` while sessions last for minutes.
    case capacity
    case halfway
  }

  package let kind: Kind
  private var counts = BackendCounts()
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
    counts.forget(server)
    capacity.forget(server)
    halfway.forget(server)
    examination.forget(server)
    limits.forget(server)
    response.forget(server)
  }

  package mutating func plan(for observation: BackendObservation) -> Plan {
    var tick = counts.tick(observation)
    findings = examination.examine(&tick)
    response.observe(tick, isAstray: findings.astray != nil)
    // What does not follow weights is not helped by more of them.
    if findings.astray != nil { tick.watchSeconds = tick.interval }
    var plan = unhurried(for: tick)
    limits.advise(&plan, in: tick, areLong: sessions.sessionsAreLong)
    if let astray = findings.astray, !mayWrite(tick) {
      plan.verdict = .hold(.trafficIgnoresWeights(astray))
    }
    return plan
  }

  /// What requests do not follow is written seldom, and by `halfway`, which goes on from it, never.
  private func mayWrite(_ tick: Tick) -> Bool {
    guard kind == .capacity, !isFallingBack else { return false }
    guard let lastWrite = tick.lastWrite else { return true }
    return tick.now.seconds(since: lastWrite) >= CapacityConstants.usualSeconds
  }

  private mutating func unhurried(for tick: Tick) -> Plan {
    // Both look at every tick, so that each is ready when the other gives way.
    let look = halfway.look(at: tick, isPatient: kind == .capacity)
    guard kind == .capacity else { return look.plan() }
    let learned = capacity.plan(for: tick.with(response))
    sessions.observe(tick)
    isFallingBack = sessions.sessionsAreLong && look.usesCPU
    return isFallingBack ? look.plan() : learned
  }
}

extension Tick {
  /// With shares of the requests in the place of shares of the weights.
  fileprivate func with(_ response: ShareResponse) -> Tick {
    var tick = self
    for index in servers.indices where servers[index].state.takesTraffic {
      tick.servers[index].response = response.factor(of: servers[index].name)
      tick.servers[index].share *= tick.servers[index].response
    }
    let (weights, requests) = (
      servers.reduce(0) { $0 + $1.share }, tick.servers.reduce(0) { $0 + $1.share }
    )
    guard requests > 0, requests.isFinite else { return self }
    for index in servers.indices {
      tick.servers[index].share *= weights / requests
      tick.servers[index].response *= weights / requests
    }
    return tick
  }
}
