/// What a strategy wants for one backend, each number with its reason.
package struct Plan: Hashable, Sendable {
  /// What is to be done with the backend as a whole.
  package var verdict: Verdict
  /// One entry for each server of the observation, in its order.
  package var servers: [ServerPlan]
  /// Requests per second that the backend takes, where they are counted.
  package var demandPerSecond: Double?
  /// The utilisation that the plan's weights aim at, where the strategy solves for one.
  package var levelAimedAt: Double?
  /// How far plans follow the moment of late; `nil` where there is no way to go, or it is not known.
  package var reach: Reach?
  package var nextTick: NextTick
  /// Whether the next tick comes early for servers alone of which something is yet to be learned: of the
  /// others it will see as much an interval later.
  package var isForLearners = false
  /// Those on which neighbours come and go that crowd them.
  package var watchedHosts: Set<HostName> = []
  /// Whether ticks come early because of these, whatever else they come early for.
  package var isWatching = false

  package enum Verdict: Hashable, Sendable {
    /// Nothing is written but reductions.
    case hold(BackendHold)
    /// Within the dead band: nothing is written but reductions.
    case level
    /// The targets are to be written.
    case change
  }

  package init(
    verdict: Verdict, servers: [ServerPlan], demandPerSecond: Double? = nil,
    levelAimedAt: Double? = nil, nextTick: NextTick = .usual
  ) {
    self.verdict = verdict
    self.servers = servers
    self.demandPerSecond = demandPerSecond
    self.levelAimedAt = levelAimedAt
    self.nextTick = nextTick
  }
}

/// Why a whole backend holds.
package enum BackendHold: Hashable, Sendable {
  /// No server's cost is known yet.
  case learning
  /// Too few of the servers that are up have fresh data.
  case tooLittleFreshData(fresh: Int, up: Int)
  /// No requests arrive.
  case idle
  /// There are not two servers to level.
  case nothingToLevel
  /// HAProxy's counters could not be read from every balancer this time.
  case countersMissing
  /// Too few samples that began after the last write: acting now would act on it twice.
  case awaitingSamplesSinceWrite
  /// Requests do not follow weights, and these were written a while ago.
  case trafficIgnoresWeights(Astray)
}

/// What a strategy wants for one server.
package struct ServerPlan: Hashable, Sendable {
  package var name: ServerName
  package var target: Target
  /// Measured now; `nil` without fresh samples.
  package var measured: Load.Measured?
  /// CPU seconds that one request costs here, as far as it is known.
  package var costPerRequest: Double?
  /// Requests that its cost was learned from, older ones counting less; `nil` without a cost.
  package var evidenceRequests: Double?
  /// Relative deviation from its share that is not worth writing its weight for.
  package var tolerance: Double
  /// Its share of the traffic over its share of the weights: 1 where requests follow weights in
  /// proportion.
  package var response = 1.0
  /// What else than its utilisation decided its share, if anything did.
  package var cause: ShareCause?
  /// How many requests in flight it can use; `nil` for one that takes no traffic.
  package var limit: LimitAdvice?

  package var utilisation: Utilisation? { measured?.utilisation }
  /// CPU use in cores; `nil` without fresh samples.
  package var cpuCores: Double? { measured?.cores }

  package enum Target: Hashable, Sendable {
    /// The share of traffic wanted, in proportion to the other `share` targets of the plan.
    case share(Double)
    /// Its weight times a factor below 1, whatever the verdict.
    case reduce(by: Double, Reduction)
    /// Its weight as it is.
    case keep(ServerHold)
  }

  package init(
    name: ServerName, target: Target, measured: Load.Measured? = nil,
    costPerRequest: Double? = nil, evidenceRequests: Double? = nil, tolerance: Double = 0
  ) {
    self.name = name
    self.target = target
    self.measured = measured
    self.costPerRequest = costPerRequest
    self.evidenceRequests = evidenceRequests
    self.tolerance = tolerance
  }
}

/// Why a server that cannot be seen gets less.
package enum Reduction: Hashable, Codable, Sendable {
  /// Back from down, maintenance or drain, without a sample yet.
  case returning
  /// Its queue is long and nothing is known of its load.
  case queue(inFlight: Double)
}

/// Why a strategy leaves a server's weight as it is.
package enum ServerHold: Hashable, Codable, Sendable {
  /// HAProxy gives it no traffic, or not by its weight alone.
  case state(ServerState)
  /// No container is matched with it.
  case noContainer
  /// Its last sample is too old, by this many seconds; `nil` when it has none.
  case stale(ageSeconds: Double?)
  /// Two samples are needed for a rate; there is no rate yet.
  case noRate
  /// Its sample began before the last write, and would be acted on twice.
  case sampleBeforeLastWrite
  /// Its CPU counter is not believed.
  case doubted(Doubt)
  /// Held from outside the strategy.
  case external
}
