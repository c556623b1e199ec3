package import Balancing

/// All that one tick saw, wanted and did.
package struct Snapshot: Sendable {
  /// Counts the ticks from 1.
  package var tick: Int
  package var at: Timestamp
  package var endpoints: [EndpointStatus]
  package var balancers: [BalancerStatus]
  package var backends: [BackendStatus]
  package var brake = Brake()

  /// Whether a part could not be reached.
  package var isIncomplete: Bool {
    endpoints.contains { $0.failure != nil } || balancers.contains { $0.failure != nil }
  }

  package init(
    tick: Int, at: Timestamp, endpoints: [EndpointStatus], balancers: [BalancerStatus],
    backends: [BackendStatus]
  ) {
    self.tick = tick
    self.at = at
    self.endpoints = endpoints
    self.balancers = balancers
    self.backends = backends
  }
}

package struct EndpointStatus: Sendable {
  package var name: EndpointName
  package var host: HostName
  /// `nil` while it answers.
  package var failure: PortFailure?
  package var containers: Int
  /// Why the machine's own CPU counter is not believed; `nil` while it is.
  package var doubt: HostDoubt?
  /// Whether it was asked in this tick; else this is what it said last.
  package var wasAsked = true

  /// What is not believed of it, in words.
  package func sentence(_ doubt: HostDoubt) -> String { "\(name): \(host): \(doubt)" }
}

package struct BalancerStatus: Sendable {
  package var name: BalancerName
  /// Whether another daemon tells of it.
  package var isPeer = false
  /// `nil` while it answers.
  package var failure: PortFailure?
  /// How long ago a peer had read what it tells, in seconds.
  package var ageSeconds: Double?
  /// How far a peer's weights are off ours, in the backend where they are farthest off: the largest
  /// difference between two shares, as a part of the largest share. `nil` where nothing can be compared.
  package var weightsApart: Double?
}

package struct BackendStatus: Sendable {
  package var name: BackendName
  package var mode: BackendSettings.Mode
  package var condition: BackendCondition
  /// Whether `halfway` steers in the place of `capacity`, since no request counter means anything.
  package var isFallingBack = false
  /// Hosts whose own CPU counter is not believed.
  package var doubtedHosts: [HostName: HostDoubt] = [:]
  /// Requests per second.
  package var demandPerSecond: Double?
  /// The utilisation that the plan aims at.
  package var levelAimedAt: Double?
  package var servers: [ServerStatus]
  /// What was to be written in this tick (in `observe`: what would have been).
  package var changes: [WeightChange]
  /// What the strategy decided for the backend as a whole; `nil` when it was not asked.
  package var verdict: Plan.Verdict?
  /// What levelling is worth; `nil` where it cannot be known.
  package var levelling: Levelling?
  /// How far each peer's weights are off ours.
  package var weightsApart: [BalancerName: Double] = [:]
  /// How far plans follow the moment of late; `nil` where there is no way to go, or it is not known.
  package var reach: Reach?
  /// Whether it looks more often because of neighbours that come and go.
  package var isWatching = false
  /// Whether another algorithm would serve better where plans do not reach far.
  package var hasBetterBalance = false
  /// Whether shares of the requests answer to weights, so that these can be corrected by what comes.
  package var sharesAnswer = true

  /// Mean utilisation of the servers that are seen and serve; `nil` without any.
  package var meanUtilisation: Double? { Self.mean(seenUtilisations) }

  /// Worst utilisation over mean utilisation: 1.00 is level; `nil` when nothing is used.
  package var spread: Double? {
    let seen = seenUtilisations
    guard let mean = Self.mean(seen), mean > 0, let worst = seen.max() else { return nil }
    return worst / mean
  }

  private var seenUtilisations: [Double] {
    servers.compactMap { $0.state == .up ? $0.utilisation?.value : nil }
  }

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}

package struct ServerStatus: Sendable {
  package var name: ServerName
  package var state: ServerState
  package var condition: ServerCondition
  package var match: Match
  package var utilisation: Utilisation?
  /// Seconds since the newest sample of its container was taken; `nil` without one.
  package var sampleAgeSeconds: Double?
  /// CPU use in cores.
  package var cpuCores: Double?
  /// How its container waited for CPU time; `nil` where nobody tells.
  package var wait: CPUWait?
  /// CPU seconds that one request costs.
  package var costPerRequest: Double?
  /// Requests per second that arrived since the last tick.
  package var requestsPerSecond: Double?
  /// What HAProxy tells beside; what it does not tell is `nil`.
  package var traffic = Traffic()
  /// Its share of the backend's traffic, 0…1.
  package var share: Double
  /// By balancer, in the order of the configuration.
  package var weights: [BalancerWeight]
  /// The numbers behind the weights; `nil` when the strategy was not asked.
  package var reckoning: Reckoning?
  /// How many requests in flight it can use, over all balancers; `nil` where nobody was asked.
  package var limit: LimitAdvice?
  /// What is advised for each balancer; `nil` where nothing is.
  package var limitOnEach: Int?
}

extension ServerStatus {
  /// What the balancers say of a server's requests, together.
  package struct Traffic: Hashable, Sendable {
    /// Totals that begin anew now and then; `nil` while a balancer's part of them is not known.
    package var requests: RequestCounters?
    /// Attempts per second that went wrong by the server, since the last tick.
    package var failuresPerSecond: Double?
    /// Requests that wait in HAProxy for this server.
    package var queued: Double?
    /// Until an answer begins, on average of the last requests; `nil` without any.
    package var responseSeconds: Double?
  }
}

/// A server's weight on one balancer.
package struct BalancerWeight: Sendable {
  package var balancer: BalancerName
  package var standing: Weight
  package var wanted: Weight
  /// How many requests the server may have at a time here; `nil` without a limit.
  package var limit: Int?
}
