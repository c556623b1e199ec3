internal import Balancing

/// What one step of a backend saw and wants: what its status shows.
struct Decision {
  let sighting: BackendControl.Sighting
  /// The backend's servers; those of observation and plan are in the same order.
  let servers: [MatchedServer]
  let observation: BackendObservation
  let plan: Plan
  /// Whose weights are not ours to write, and why.
  let hands: [ServerName: ServerCondition]
  /// The weights that each balancer that may be written is to have.
  let wanted: [BalancerName: [ServerName: Weight]]
  let rates: ServerRates.Rates
  /// Each server's share of the traffic under the weights of HAProxy's configuration.
  let configuredShares: [ServerName: Double]
  /// How many balancers traffic comes through.
  let carriers: Int
  let hasUnreadHosts: Bool
}

extension BackendStatus {
  /// What is to be shown of a decision, before it is known what is written of it.
  init(
    _ settings: BackendSettings, _ condition: BackendCondition, _ decision: Decision,
    by strategy: BackendStrategy
  ) {
    let (plan, read) = (decision.plan, decision.sighting.read)
    let own = read.own
    self.init(
      name: settings.name, mode: settings.mode, condition: condition,
      isFallingBack: strategy.isFallingBack, doubtedHosts: strategy.findings.hosts,
      demandPerSecond: plan.demandPerSecond, levelAimedAt: plan.levelAimedAt,
      servers: decision.statuses, changes: [], verdict: plan.verdict,
      sharesAnswer: strategy.sharesAnswer)
    for peer in read.peers {
      weightsApart[peer.name] =
        own.compactMap { $0.backend.servers.weightsApart(from: peer.backend.servers) }.max()
    }
    reach = plan.reach
    isWatching = plan.isWatching
    hasBetterBalance = own.allSatisfy { $0.backend.algorithmName == "roundrobin" }
    // Under `leastconn` traffic does not follow weights, and what requests would do under others cannot
    // be told.
    if own.allSatisfy({ $0.backend.algorithm != .dynamic(.inFlight) }) {
      levelling = Levelling(self, plan, decision.configuredShares, bounds: settings.weights)
    }
  }
}

extension Decision {
  fileprivate var statuses: [ServerStatus] {
    let wantedShares = plan.wantedShares
    return zip(zip(servers, observation.servers), plan.servers).map {
      ServerStatus($0.0, $0.1, $1, of: self, wantedShares: wantedShares)
    }
  }

  /// One server's weights on the balancers that have it.
  fileprivate func weights(of server: BackendServers.Server) -> [BalancerWeight] {
    sighting.read.compactMap { balancer in
      guard let reading = server.byBalancer[balancer.name] else { return nil }
      return BalancerWeight(
        balancer: balancer.name, standing: reading.weight,
        wanted: wanted[balancer.name]?[server.name] ?? reading.weight, limit: reading.limit)
    }
  }
}

extension ServerStatus {
  fileprivate init(
    _ matched: MatchedServer, _ observed: ServerObservation, _ planned: ServerPlan,
    of decision: Decision, wantedShares: Double
  ) {
    let server = matched.server
    self.init(
      name: server.name, state: server.state,
      condition: decision.hands[server.name]
        ?? ServerCondition(planned, matched, hasUnreadHosts: decision.hasUnreadHosts),
      match: matched.match, utilisation: planned.utilisation,
      sampleAgeSeconds: decision.observation.sampleAgeSeconds(of: observed),
      cpuCores: planned.cpuCores,
      wait: planned.measured == nil ? nil : matched.track?.wait,
      costPerRequest: planned.costPerRequest,
      requestsPerSecond: decision.rates.arrived[server.name],
      traffic: Traffic(
        requests: observed.requests, failuresPerSecond: decision.rates.failed[server.name],
        queued: observed.queued, responseSeconds: observed.responseSeconds),
      share: observed.share * planned.response, weights: decision.weights(of: server),
      reckoning: Reckoning(
        samples: observed.container?.samples ?? [], measured: planned.measured,
        evidenceRequests: planned.evidenceRequests, target: planned.target,
        wantedShare: planned.wantedShare(of: wantedShares), tolerance: planned.tolerance,
        response: planned.response),
      limit: planned.limit, limitOnEach: planned.limit?.onEach(of: decision.carriers))
  }
}

extension ServerCondition {
  /// What a server does whose weight is ours to write.
  init(_ planned: ServerPlan, _ matched: MatchedServer, hasUnreadHosts: Bool) {
    switch planned.target {
    case .keep(.noContainer) where matched.match == .none && hasUnreadHosts: self = .hostsUnread
    case .keep(.noContainer):
      self = matched.track?.flaw.map(ServerCondition.unmeasured) ?? .unmatched(matched.match)
    case .share, .reduce, .keep(.sampleBeforeLastWrite), .keep(.doubted(.unconfirmed)):
      self = .live
    case .keep(let hold): self = .held(hold)
    }
  }
}

extension BackendCondition {
  init(_ verdict: Plan.Verdict) {
    switch verdict {
    // A pause between two steps is part of steering.
    case .level, .change, .hold(.awaitingSamplesSinceWrite): self = .steering
    case .hold(let hold): self = .holding(hold)
    }
  }
}

extension Levelling {
  /// What levelling is worth, where the strategy solved for a level.
  fileprivate init?(
    _ status: BackendStatus, _ plan: Plan, _ configuredShares: [ServerName: Double],
    bounds: WeightBounds
  ) {
    guard status.condition == .steering, plan.levelAimedAt != nil, let demand = plan.demandPerSecond
    else { return nil }
    let standing = status.servers.reduce(into: [ServerName: Double]()) { $0[$1.name] = $1.share }
    let isObserved = status.mode == .observe
    self.init(
      Array(zip(status.servers, plan.servers)), levelled: isObserved ? nil : standing,
      unlevelled: isObserved ? standing : configuredShares, demand: demand, bounds: bounds)
  }
}
