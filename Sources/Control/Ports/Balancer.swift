package import Balancing

/// What a tick reads servers from and writes weights to: one HAProxy process, or a stand-in.
package protocol Balancer: Sendable {
  var name: BalancerName { get }

  /// Reads the process and the named backends. Ends soon after its task is cancelled.
  func read(_ backends: [BackendName]) async throws(PortFailure) -> BalancerReading

  /// Writes weights, but only to the process that the plan was made for.
  ///
  /// - Returns: one outcome for each write, in order.
  func write(_ writes: [WeightWrite], to process: ProcessIdentity) async throws(PortFailure)
    -> [WriteOutcome]
}

/// Tells a balancer's process from the one that a reload or restart puts in its place.
package struct ProcessIdentity: Hashable, Codable, Sendable {
  package var pid: Int
  /// Unix time; old versions do not tell.
  package var startedAtSeconds: Int?

  package init(pid: Int, startedAtSeconds: Int?) {
    self.pid = pid
    self.startedAtSeconds = startedAtSeconds
  }
}

/// What one balancer says at one time.
package struct BalancerReading: Sendable, Equatable {
  package var process: ProcessIdentity
  /// How long the process has run, in seconds, where it tells.
  package var uptimeSeconds: Int?
  /// On its way out after a reload: it must not be written to.
  package var isStopping: Bool
  /// The backends asked for that it knows.
  package var backends: [BackendName: BackendReading]
  /// How long ago all of it was read, where that is not now, in seconds.
  package var ageSeconds: Double?
  /// Who tells of it, where that is another evenkeel: the same under whatever name it is asked.
  package var teller: String?

  package init(
    process: ProcessIdentity, uptimeSeconds: Int? = nil, isStopping: Bool,
    backends: [BackendName: BackendReading], ageSeconds: Double? = nil
  ) {
    self.process = process
    self.uptimeSeconds = uptimeSeconds
    self.isStopping = isStopping
    self.backends = backends
    self.ageSeconds = ageSeconds
  }
}

/// One backend of one balancer.
package struct BackendReading: Sendable, Equatable {
  /// How its algorithm takes weights.
  package enum Algorithm: Hashable, Sendable {
    /// Weights may change; what they mean is told by the discipline.
    case dynamic(BackendObservation.Discipline)
    /// Weights cannot change while it runs (`static-rr`, `rdp-cookie`, `first`).
    case fixed
    /// HAProxy does not show enough to tell; a refused write will.
    case perhapsFixed
  }

  package var algorithm: Algorithm
  /// The algorithm's name in HAProxy's configuration.
  package var algorithmName: String
  package var servers: [ServerReading]

  package init(algorithm: Algorithm, algorithmName: String, servers: [ServerReading]) {
    self.algorithm = algorithm
    self.algorithmName = algorithmName
    self.servers = servers
  }
}

/// One server of one backend of one balancer.
package struct ServerReading: Sendable, Equatable {
  package var name: ServerName
  /// Address without port; `nil` while unresolved.
  package var address: String?
  /// Its port; `nil` without one.
  package var port: Int?
  package var state: ServerState
  /// The weight that stands, not slowed by `slowstart` or maintenance.
  package var weight: Weight
  package var initialWeight: Weight
  /// An agent-check is configured, which may set weights itself.
  package var hasAgent: Bool
  /// A DNS SRV record fills it, which may set weights itself.
  package var hasSRVRecord: Bool
  /// Totals of this process; they begin anew with it.
  package var requests: RequestCounters
  /// Figures that cannot be; `requests` is not to be believed as far as they are in it.
  package var disbeliefs: [Disbelief]
  /// Requests that wait in the balancer for this server; `nil` where that cannot be believed.
  package var queued: Double?
  /// Until an answer begins, on average of the last requests; `nil` where it is not measured.
  package var responseSeconds: Double?
  /// How many requests it may have at a time here; `nil` without a limit.
  package var limit: Int?
  /// What the evenkeel beside this balancer has learned; `nil` of one that is read without another.
  package var lesson: Lesson?

  /// What one evenkeel tells another of a server beside what is counted.
  package struct Lesson: Hashable, Sendable {
    /// What a request costs it.
    package var cost: ToldCost?
    /// Requests a second that came to it by this balancer lately; `nil` before it was counted twice.
    package var requestsPerSecond: Double?

    package init(cost: ToldCost? = nil, requestsPerSecond: Double? = nil) {
      self.cost = cost
      self.requestsPerSecond = requestsPerSecond
    }
  }

  package init(
    name: ServerName, address: String? = nil, port: Int? = nil, state: ServerState, weight: Weight,
    initialWeight: Weight, hasAgent: Bool = false, hasSRVRecord: Bool = false,
    requests: RequestCounters, disbeliefs: [Disbelief] = [], queued: Double? = nil,
    responseSeconds: Double? = nil, limit: Int? = nil
  ) {
    self.name = name
    self.address = address
    self.port = port
    self.state = state
    self.weight = weight
    self.initialWeight = initialWeight
    self.hasAgent = hasAgent
    self.hasSRVRecord = hasSRVRecord
    self.requests = requests
    self.disbeliefs = disbeliefs
    self.queued = queued
    self.responseSeconds = responseSeconds
    self.limit = limit
  }
}

/// A weight to be written.
package struct WeightWrite: Hashable, Sendable {
  package var backend: BackendName
  package var server: ServerName
  package var weight: Weight

  package init(backend: BackendName, server: ServerName, weight: Weight) {
    self.backend = backend
    self.server = server
    self.weight = weight
  }
}

/// What became of a write.
package enum WriteOutcome: Hashable, Sendable {
  case written
  /// The server went away since it was read: not an alarm.
  case serverGone
  /// The backend's algorithm takes no weights.
  case algorithmIsFixed(reply: String)
  /// Refused for another reason, in the balancer's own words.
  case refused(reply: String)
  /// The process changed, or is on its way out; nothing was written.
  case processChanged
  /// There was no time left for it.
  case notReached
}
