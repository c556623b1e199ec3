internal import Balancing
internal import Control

/// The numbers behind one server's weight, in the order in which they lead to it: what
/// `/api/v1/explain` shows and `evenkeel explain` prints.
package struct Explanation: Codable, Equatable, Sendable {
  package var version = 1
  package var backend: String
  package var server: String
  package var now: Moment
  package var tick: Int
  package var intervalSeconds: Double
  package var mode: String
  /// What HAProxy says of the server.
  package var state: String
  package var condition: String
  /// The container, and the rule that found it; or why there is none: a sentence.
  package var match: String
  @OrNull package var container: String?
  @OrNull package var host: String?
  @OrNull package var rule: String?
  @OrNull package var samples: Samples?
  @OrNull package var load: Load?
  @OrNull package var cost: Cost?
  package var aim: Aim
  @OrNull package var inFlight: InFlight? = nil
  package var weights: [Weight]
  /// The last five of this server, newest first.
  package var changes: [StatusReport.Change]

  /// What cAdvisor said of the container.
  package struct Samples: Codable, Equatable, Sendable {
    package var count: Int
    @OrNull package var ageSeconds: Double?
    /// From the first to the last.
    package var spanSeconds: Double
    /// CPU time used in that span; `null` when the counter went back in it.
    @OrNull package var cpuSeconds: Double?
  }

  /// CPU use, and the limits that it can hit.
  package struct Load: Codable, Equatable, Sendable {
    package var cpuCores: Double
    /// Between the two samples that it was taken from.
    package var windowSeconds: Double
    @OrNull package var quotaCores: Double?
    @OrNull package var hostCores: Double?
    /// By all that runs on the host.
    @OrNull package var hostCoresUsed: Double?
    package var utilisation: Double
    /// The limit that binds: `quota` or `host`.
    package var limit: String
    /// The part of the scheduler's periods in which its quota ran out, 0…1.
    @OrNull package var throttled: Double? = nil
    /// The part of the time in which some task of it waited for a CPU, 0…1.
    @OrNull package var cpuPressure: Double? = nil
  }

  /// What a request costs.
  package struct Cost: Codable, Equatable, Sendable {
    /// CPU seconds.
    package var perRequest: Double
    /// Requests that this was learned from, older ones counting less.
    @OrNull package var evidenceRequests: Double?
  }

  /// What the plan wants.
  package struct Aim: Codable, Equatable, Sendable {
    @OrNull package var demandPerSecond: Double?
    @OrNull package var requestsPerSecond: Double?
    @OrNull package var meanUtilisation: Double?
    @OrNull package var spread: Double?
    /// The utilisation that all servers would have under the plan.
    @OrNull package var levelAimedAt: Double?
    /// How far plans go, and why no farther: a sentence; `null` where they go all the way.
    @OrNull package var reach: String? = nil
    /// Why it looks more often than once an interval: a sentence; `null` where it does not.
    @OrNull package var watching: String? = nil
    /// Of the traffic, 0…1: as the weights stand, and as wanted.
    package var share: Double
    @OrNull package var wantedShare: Double?
    /// What was decided for the backend.
    package var decision: String
    /// What was decided for the server.
    package var target: String
    /// Relative deviation from its share for which its weight is not written.
    package var tolerance: Double
    /// Its share of the requests over its share of the weights, as it was seen.
    package var response: Double = 1
    /// Whether shares of the requests answer to weights: else these are not corrected by what comes.
    package var sharesAnswer: Bool = true
  }

  package struct Weight: Codable, Equatable, Sendable {
    package var balancer: String
    package var standing: Int
    package var wanted: Int
    /// What the wanted share is in the scale of all wanted weights, before rounding.
    @OrNull package var exact: Double?
    @OrNull package var reason: String?
    /// How many requests it may have there at a time; `null` without a limit.
    @OrNull package var maxconn: Int? = nil
  }

  /// How many requests in flight it can use, on each balancer.
  package struct InFlight: Codable, Equatable, Sendable {
    @OrNull package var maxconnAdvised: Int?
    @OrNull package var isSure: Bool?
    /// What it rests on, or why nothing is advised.
    package var advice: String
  }
}

extension Explanation {
  init(
    _ server: ServerStatus, of backend: BackendStatus, tick: Int, intervalSeconds: Double,
    now: Moment, changes: [StatusReport.Change]
  ) {
    let reckoning = server.reckoning
    self.init(
      backend: backend.name.text, server: server.name.text, now: now, tick: tick,
      intervalSeconds: intervalSeconds, mode: backend.mode.rawValue,
      state: server.state.description, condition: server.condition.description,
      match: server.match.description, container: server.match.container?.alias,
      host: server.match.container?.host.text, rule: server.match.rule?.rawValue,
      samples: reckoning.flatMap { Samples($0.samples, ageSeconds: server.sampleAgeSeconds) },
      load: reckoning?.measured.map { Load($0, server.wait) },
      cost: server.costPerRequest?.ifFinite.map {
        Cost(perRequest: $0, evidenceRequests: reckoning?.evidenceRequests?.ifFinite)
      },
      aim: Aim(
        demandPerSecond: backend.demandPerSecond?.ifFinite,
        requestsPerSecond: server.requestsPerSecond?.ifFinite,
        meanUtilisation: backend.meanUtilisation?.ifFinite, spread: backend.spread?.ifFinite,
        levelAimedAt: backend.levelAimedAt?.ifFinite, reach: backend.reachSentence,
        watching: backend.watchSentence,
        share: server.share.ifFinite ?? 0,
        wantedShare: reckoning?.wantedShare?.ifFinite, decision: backend.decision,
        target: reckoning?.target.description ?? "nothing", tolerance: reckoning?.tolerance ?? 0,
        response: reckoning?.response.ifFinite ?? 1, sharesAnswer: backend.sharesAnswer),
      inFlight: server.limit.map {
        InFlight(maxconnAdvised: server.limitOnEach, isSure: $0.isSure, advice: $0.description)
      },
      weights: server.weights.map { weight in
        let change = backend.changes.first {
          $0.server == server.name && $0.balancer == weight.balancer
        }
        return Weight(
          balancer: weight.balancer.text, standing: weight.standing.value,
          wanted: weight.wanted.value,
          exact: backend.exactWeight(of: server, on: weight.balancer)?.ifFinite,
          reason: change?.why, maxconn: weight.limit)
      },
      changes: Array(changes.lazy.filter { $0.server == server.name.text }.prefix(5)))
  }
}

extension Explanation.Samples {
  fileprivate init?(_ samples: [CPUSample], ageSeconds: Double?) {
    guard let first = samples.first, let last = samples.last else { return nil }
    self.init(
      count: samples.count, ageSeconds: ageSeconds?.ifFinite,
      spanSeconds: last.timestamp.seconds(since: first.timestamp),
      cpuSeconds: last.cpuSeconds(since: first))
  }
}

extension Explanation.Load {
  fileprivate init(_ load: Balancing.Load.Measured, _ wait: CPUWait?) {
    self.init(
      cpuCores: load.cores, windowSeconds: load.windowSeconds, quotaCores: load.capacity.limitCores,
      hostCores: load.hostCores, hostCoresUsed: load.hostCoresUsed,
      utilisation: load.utilisation.value, limit: load.utilisation.limit.rawValue,
      throttled: wait?.throttled?.ifFinite, cpuPressure: wait?.pressure?.ifFinite)
  }
}

extension BackendStatus {
  fileprivate var decision: String {
    switch verdict {
    case nil, .hold: condition == .steering ? "a pause between two steps" : condition.description
    case .level: "every share is near enough to the one wanted: nothing to write"
    case .change: "the weights that differ are to be written"
    }
  }

  /// A server's wanted share in the scale of the weights that are wanted of all that share.
  fileprivate func exactWeight(of server: ServerStatus, on balancer: BalancerName) -> Double? {
    guard let share = server.reckoning?.wantedShare else { return nil }
    let sum = servers.reduce(0) { sum, other in
      guard other.reckoning?.wantedShare != nil,
        let weight = other.weights.first(where: { $0.balancer == balancer })
      else { return sum }
      return sum + weight.wanted.value
    }
    return share * Double(sum)
  }
}

extension ServerPlan.Target: CustomStringConvertible {
  package var description: String {
    switch self {
    case .share: "a share of the traffic"
    case .keep(let hold): "its weight as it is: \(hold)"
    case .reduce(let factor, .returning):
      "\(decimal(factor, 2)) of its weight: back in service, load not known yet"
    case .reduce(let factor, .queue(let inFlight)):
      "\(decimal(factor, 2)) of its weight: \(decimal(inFlight, 0)) requests in flight, load not "
        + "known"
    }
  }
}
