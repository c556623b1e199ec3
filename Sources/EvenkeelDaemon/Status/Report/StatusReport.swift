internal import Balancing
internal import Control

/// What the daemon is doing, as `/api/v1/status` shows it and `evenkeel status` reads it.
///
/// `packaging/evenkeel.status.schema.json` describes every field. Within a version fields are only
/// added.
package struct StatusReport: Codable, Equatable, Sendable {
  package static let currentVersion = 1

  package var version = currentVersion
  /// The program's version.
  package var evenkeel: String
  package var now: Moment
  package var startedAt: Moment
  package var configFile: String
  package var intervalSeconds: Double
  /// Counts the ticks from 1; 0 before the first is complete.
  package var tick: Int
  @OrNull package var tickAt: Moment?
  /// How long the last tick took.
  @OrNull package var tickSeconds: Double?
  /// Whether the first look at the fleet is complete.
  package var ready: Bool
  /// Whether the loop goes on as it promised.
  package var loopOk: Bool
  /// Why the last reload was refused, if it was.
  @OrNull package var reloadRefused: String?
  package var endpoints: [Endpoint]
  /// What finds hosts in the place of a list.
  @OrNull package var finders: [Finder]?
  package var balancers: [Balancer]
  package var backends: [Backend]
  /// Since the start.
  package var weightChanges: Int
  /// All backends' pause; `null` while there is none.
  @OrNull package var pause: Pause?
  /// The last things that were said, newest first, but for weights.
  package var events: [Event] = []
  package var verdict = Verdict.none

  package struct Endpoint: Codable, Equatable, Sendable {
    package var name: String
    package var host: String
    package var up: Bool
    @OrNull package var failure: String?
    package var containers: Int
    @OrNull package var answeredAt: Moment?
    /// Ticks without an answer, since the start.
    package var failures: Int
    /// By what it was found; `nil` where it is listed.
    @OrNull package var origin: String?
    /// Since when it is read, where that is known.
    @OrNull package var since: Moment?
  }

  package struct Finder: Codable, Equatable, Sendable {
    package var origin: String
    package var hosts: Int
    @OrNull package var failure: String?
  }

  package struct Balancer: Codable, Equatable, Sendable {
    package var name: String
    /// Whether it is another evenkeel, and the HAProxys that it tells of.
    package var isPeer: Bool
    package var up: Bool
    @OrNull package var failure: String?
    @OrNull package var answeredAt: Moment?
    package var failures: Int
    /// How far a peer's weights are off ours: the largest difference between two shares, as a part of the
    /// largest share.
    @OrNull package var weightsApart: Double? = nil
    /// Seconds since a peer read what it tells.
    @OrNull package var toldAgeSeconds: Double? = nil
  }

  package struct Backend: Codable, Equatable, Sendable {
    package var name: String
    package var mode: String
    /// A sentence.
    package var condition: String
    /// The same in one word; `null` while it steers.
    @OrNull package var holding: Holding?
    package var isSteering: Bool
    package var isFallingBack: Bool
    @OrNull package var demandPerSecond: Double?
    @OrNull package var meanUtilisation: Double?
    @OrNull package var spread: Double?
    @OrNull package var levelAimedAt: Double?
    /// What levelling is worth; `null` where that cannot be known.
    @OrNull package var levelling: Levelling? = nil
    /// How far plans follow the moment; `null` where there is no way to go, or that is not known.
    @OrNull package var reach: Reach? = nil
    /// Why it looks more often than once an interval, for as long as that lasts: a sentence; `null`
    /// where it does not.
    @OrNull package var watching: String? = nil
    /// Since when its spread is higher than it should be.
    @OrNull package var unevenSince: Moment?
    @OrNull package var pause: Pause?
    package var verdict = Verdict.none
    /// Of which time the servers are, where no HAProxy could be read since.
    @OrNull package var lastKnownAt: Moment?
    /// Those that should be looked at first.
    package var worstServers: [String] = []
    package var servers: [Server]
    /// The last ones, newest first.
    package var changes: [Change]
  }

  /// The same requests under two sets of weights: those that level, and those that there would be
  /// without evenkeel.
  package struct Levelling: Codable, Equatable, Sendable {
    /// Whether the weights that level are those that stand (`control`), or are only planned
    /// (`observe`).
    package var isApplied: Bool
    /// Cores that the servers may use together.
    package var cores: Double
    /// Cores that could not be had without levelling, since the fullest server would be full before.
    package var freedCores: Double
    package var fullestLevelled: Double
    package var fullestUnlevelled: Double
    package var spreadLevelled: Double
    package var spreadUnlevelled: Double
    /// On average since then.
    package var since: Moment
    package var meanFreedCores: Double
    package var meanSpreadLevelled: Double
    package var meanSpreadUnlevelled: Double
  }

  /// How far plans go of late from the configured weights towards what each moment alone would want.
  package struct Reach: Codable, Equatable, Sendable {
    /// 0…1.
    package var part: Double
    /// What keeps them from going all the way, in one word, and …
    @OrNull package var reason: String?
    /// … a sentence; both `null` where they go all the way, or nearly.
    @OrNull package var text: String?
  }

  package struct Server: Codable, Equatable, Sendable {
    package var name: String
    package var state: String
    /// A sentence; `live` when it is steered.
    package var condition: String
    /// Why its weight is held, in one word; `null` when it is not.
    @OrNull package var held: String?
    /// The container that it is, the machine that it runs on, and the rule that found it.
    @OrNull package var container: String?
    @OrNull package var host: String?
    @OrNull package var rule: String?
    @OrNull package var utilisation: Double?
    /// `quota` or `host`.
    @OrNull package var limit: String?
    @OrNull package var cpuCores: Double?
    /// The part of the scheduler's periods in which its quota ran out, 0…1.
    @OrNull package var throttled: Double?
    /// The part of the time in which some task of it waited for a CPU, 0…1.
    @OrNull package var cpuPressure: Double?
    /// CPU seconds.
    @OrNull package var costPerRequest: Double?
    @OrNull package var requestsPerSecond: Double?
    /// Attempts that went wrong by the server: no connection, no answer, or an answer with a 5xx.
    @OrNull package var failuresPerSecond: Double?
    /// Requests that it has and those that wait for it.
    @OrNull package var inFlight: Double?
    /// Those among them that wait in HAProxy.
    @OrNull package var queued: Double?
    /// Until an answer begins, on average of HAProxy's last 1024 requests.
    @OrNull package var responseSeconds: Double?
    /// The `maxconn` that would keep queues in each HAProxy that has it, …
    @OrNull package var maxconnAdvised: Int?
    /// … whether that is sure, …
    @OrNull package var maxconnIsSure: Bool?
    /// … and what it rests on, or why there is none: a sentence.
    @OrNull package var maxconnAdvice: String?
    /// Of the backend's traffic, 0…1.
    package var share: Double
    @OrNull package var sampleAgeSeconds: Double?
    @OrNull package var pause: Pause?
    /// Of which time its figures are, where they are not the last tick's.
    @OrNull package var lastKnownAt: Moment?
    package var weights: [Weight]
  }

  /// Weights are left as they are, as somebody wanted.
  package struct Pause: Codable, Equatable, Sendable {
    package var since: Moment
    /// `null` for one that lasts until somebody ends it.
    @OrNull package var until: Moment?
    /// The user who wanted it.
    package var by: String
    /// Whether HAProxy's own weights were put back for it.
    package var restored: Bool
  }

  package struct Event: Codable, Equatable, Sendable {
    package var at: Moment
    /// In one word.
    package var kind: String
    /// As the journal has it.
    package var level: String
    @OrNull package var backend: String?
    @OrNull package var server: String?
    package var text: String
  }

  package struct Weight: Codable, Equatable, Sendable {
    package var balancer: String
    package var standing: Int
    package var wanted: Int
    /// Why it is changed; `null` when it is not.
    @OrNull package var reason: String?
    /// How many requests the server may have there at a time; `null` without a limit.
    @OrNull package var maxconn: Int? = nil
  }

  package struct Change: Codable, Equatable, Sendable {
    package var at: Moment
    package var server: String
    package var balancer: String
    package var old: Int
    package var new: Int
    package var reason: String
  }
}

extension StatusReport.Backend {
  /// - Parameter watch: what is remembered of it.
  init(
    _ status: BackendStatus, changes: [StatusReport.Change], watch: StandingWatch = StandingWatch(),
    brake: Brake = Brake(), as wall: WallTime = WallTime(), telling extent: ReportExtent = .whole
  ) {
    let isWhole = extent == .whole
    let underWay = isWhole ? Dictionary(grouping: status.changes, by: \.server) : [:]
    let servers = watch.servers(of: status).map { server, at in
      let pause = isWhole ? brake.pauses[.server(status.name, server.name)] : nil
      return StatusReport.Server(
        server, changes: underWay[server.name] ?? [], lastKnownAt: at.map(wall.moment),
        pause: pause.map { .init($0, wall) }, telling: extent)
    }
    self.init(
      name: status.name.text, mode: status.mode.rawValue,
      condition: status.condition.description, holding: status.condition.word,
      isSteering: status.condition.isSteering,
      isFallingBack: status.isFallingBack, demandPerSecond: status.demandPerSecond?.ifFinite,
      meanUtilisation: status.meanUtilisation?.ifFinite, spread: status.spread?.ifFinite,
      levelAimedAt: status.levelAimedAt?.ifFinite,
      reach: status.reach.flatMap { reach in
        reach.part.ifFinite.map {
          .init(
            part: $0, reason: reach.isShort ? reach.reason.rawValue : nil,
            text: status.reachSentence)
        }
      },
      watching: status.watchSentence,
      unevenSince: watch.unevenSince.map(wall.moment),
      pause: brake.pause(of: status.name).map { .init($0, wall) },
      lastKnownAt: watch.lastKnown(of: status).map(wall.moment),
      worstServers: servers.worst(3).map(\.name),
      servers: servers, changes: changes)
  }
}

extension StatusReport.Server {
  /// - Parameter changes: of its weights.
  fileprivate init(
    _ status: ServerStatus, changes: [WeightChange], lastKnownAt: Moment?,
    pause: StatusReport.Pause?, telling extent: ReportExtent
  ) {
    let isWhole = extent == .whole
    self.init(
      name: status.name.text, state: status.state.description,
      condition: status.condition.description, held: status.condition.hold?.rawValue,
      container: status.match.container?.alias, host: status.match.container?.host.text,
      rule: status.match.rule?.rawValue,
      utilisation: status.utilisation?.value.ifFinite, limit: status.utilisation?.limit.rawValue,
      cpuCores: status.cpuCores?.ifFinite, throttled: status.wait?.throttled?.ifFinite,
      cpuPressure: status.wait?.pressure?.ifFinite, costPerRequest: status.costPerRequest?.ifFinite,
      requestsPerSecond: status.requestsPerSecond?.ifFinite,
      failuresPerSecond: status.traffic.failuresPerSecond?.ifFinite,
      inFlight: status.traffic.requests?.inFlight.ifFinite,
      queued: status.traffic.queued?.ifFinite,
      responseSeconds: status.traffic.responseSeconds?.ifFinite,
      maxconnAdvised: status.limitOnEach, maxconnIsSure: status.limit?.isSure,
      maxconnAdvice: isWhole ? status.limit?.description : nil, share: status.share.ifFinite ?? 0,
      sampleAgeSeconds: status.sampleAgeSeconds?.ifFinite, pause: pause, lastKnownAt: lastKnownAt,
      weights: isWhole ? status.weights.map { StatusReport.Weight($0, changes) } : [])
  }
}

extension StatusReport.Weight {
  /// - Parameter changes: of the server's weights.
  fileprivate init(_ weight: BalancerWeight, _ changes: [WeightChange]) {
    let change = changes.first { $0.balancer == weight.balancer }
    self.init(
      balancer: weight.balancer.text, standing: weight.standing.value,
      wanted: change?.new.value ?? weight.standing.value, reason: change?.why,
      maxconn: weight.limit)
  }
}

extension StatusReport.Pause {
  init(_ pause: Brake.Pause, _ wall: WallTime) {
    self.init(
      since: wall.moment(pause.since), until: pause.until.map(wall.moment), by: pause.by,
      restored: pause.isRestored)
  }
}

extension StatusReport.Change {
  init(_ change: WeightChange, at moment: Moment) {
    self.init(
      at: moment, server: change.server.text, balancer: change.balancer.text,
      old: change.old.value, new: change.new.value, reason: change.why)
  }
}

extension [StatusReport.Server] {
  /// What somebody should see to before what is full before what is not; placeholders left out.
  package var worstFirst: [StatusReport.Server] {
    let urgencies = map(\.urgency)
    return indices.filter { !self[$0].isEmptySlot }.sorted { left, right in
      urgencies[left] == urgencies[right] ? left < right : urgencies[left] > urgencies[right]
    }.map { self[$0] }
  }

  /// The first ones of `worstFirst`, without an order of the others.
  func worst(_ most: Int) -> [StatusReport.Server] {
    var worst: [(index: Int, urgency: Double)] = []
    for index in indices where !self[index].isEmptySlot {
      let urgency = self[index].urgency
      let place = worst.firstIndex { $0.urgency < urgency } ?? worst.endIndex
      guard place < most else { continue }
      worst.insert((index, urgency), at: place)
      if worst.count > most { worst.removeLast() }
    }
    return worst.map { self[$0.index] }
  }
}

extension StatusReport.Server {
  /// Above any utilisation where its weight is held by a fault.
  fileprivate var urgency: Double {
    (heldByFault ? 1000 : 0) + (utilisation ?? (held == nil ? 0 : -1))
  }
}
