package import Balancing
package import Control
internal import DequeModule

/// All that can be shown of a running daemon: its last tick, and what is counted from tick to tick.
///
/// A value: ticks in, reports out. What it keeps of time is on the steady clock.
package struct StatusRecord: Sendable {
  package static let mostChanges = 50

  let startedAt: Timestamp
  let configFile: String
  private(set) var interval = Duration.zero
  private(set) var isConfigured = false
  private(set) var reloadRefused: String?
  private(set) var reloadedAt: Timestamp?
  private(set) var snapshot: Snapshot?
  private(set) var tickAt: Timestamp?
  private(set) var tickSeconds: Double?
  private(set) var tickDurations = DurationHistogram()
  private(set) var endpoints: [EndpointName: PeerCount] = [:]
  /// By what each endpoint was found, where it is not listed, and since when it is read.
  private(set) var origins: [EndpointName: (origin: String?, since: Timestamp)] = [:]
  private(set) var finders: [StatusReport.Finder] = []
  private(set) var balancers: [BalancerName: PeerCount] = [:]
  private(set) var writes: [WriteKey: WriteCount] = [:]
  /// Weights that were written, by server.
  private(set) var serverWrites: [WriteKey: [ServerName: Int]] = [:]
  private var changes: [BackendName: Deque<MadeChange>] = [:]
  private var levellings: [BackendName: LevellingRecord] = [:]
  private var history = StatusHistory()
  private var watches: [BackendName: StandingWatch] = [:]
  private var trail = EventTrail()

  /// What is counted of an endpoint or balancer.
  struct PeerCount: Sendable {
    var answeredAt: Timestamp?
    var failures = 0
    /// Times that a balancer's process was replaced.
    var reloads = 0
  }

  private struct MadeChange: Sendable {
    var at: Timestamp
    var change: WeightChange
  }

  struct WriteKey: Hashable, Sendable {
    var backend: BackendName
    var balancer: BalancerName
  }

  struct WriteCount: Sendable {
    var changes = 0
    var refusals = 0
    /// Those among the changes that clear a queue.
    var clearings = 0
    /// Weights that somebody else changed.
    var byOthers = 0
  }

  package init(startedAt: Timestamp, configFile: String) {
    self.startedAt = startedAt
    self.configFile = configFile
  }

  /// Goes on with a configuration that was taken.
  ///
  /// - Parameter backends: with the balancers that each lives on.
  package mutating func configured(
    endpoints: [EndpointName], balancers: [BalancerName],
    backends places: [BackendName: [BalancerName]], interval: Duration, at moment: Timestamp
  ) {
    self.interval = interval
    reloadedAt = moment
    reloadRefused = nil
    isConfigured = true
    let (endpoints, balancers, backends) = (Set(endpoints), Set(balancers), Set(places.keys))
    // Who was found is still, until it is said who is now.
    let kept = endpoints.union(origins.filter { $0.value.origin != nil }.keys)
    self.endpoints = self.endpoints.filter { kept.contains($0.key) }
    self.balancers = self.balancers.filter { balancers.contains($0.key) }
    // Counted from 0: what first shows itself as 1 has risen for nobody.
    let counted = places.flatMap { backend, places in
      places.map { (WriteKey(backend: backend, balancer: $0), WriteCount()) }
    }
    let fresh = Dictionary(counted) { first, _ in first }
    writes = fresh.merging(writes.filter { fresh[$0.key] != nil }) { _, counted in counted }
    serverWrites = serverWrites.filter { fresh[$0.key] != nil }
    levellings = levellings.filter { backends.contains($0.key) }
    changes = changes.filter { backends.contains($0.key) }
    watches = watches.filter { backends.contains($0.key) }
    // What the last tick said of parts that are gone is not shown any more.
    snapshot?.endpoints.removeAll { !kept.contains($0.name) }
    snapshot?.balancers.removeAll { !balancers.contains($0.name) }
    snapshot?.backends.removeAll { !backends.contains($0.name) }
  }

  /// Goes on with other endpoints, by what they were found.
  package mutating func follow(
    _ entries: [(EndpointName, origin: String?)], finders: [StatusReport.Finder],
    at moment: Timestamp
  ) {
    self.finders = finders
    let names = Set(entries.map(\.0))
    endpoints = endpoints.filter { names.contains($0.key) }
    origins = Dictionary(
      entries.map { name, origin in
        let known = origins[name].flatMap { $0.origin == origin ? $0 : nil }
        return (name, known ?? (origin, moment))
      }, uniquingKeysWith: { first, _ in first })
    snapshot?.endpoints.removeAll { !names.contains($0.name) }
  }

  /// Notes that a reload was refused, and why.
  package mutating func refused(_ reason: String) { reloadRefused = reason }

  /// Takes in a tick that ended at `moment`, on the steady clock.
  ///
  /// - Parameter extent: of what is returned.
  /// - Returns: what is to be said of it.
  @discardableResult
  package mutating func add(
    _ report: TickReport, at moment: Timestamp, took: Duration, loopIsOk: Bool = true,
    as wall: WallTime = WallTime(), telling extent: ReportExtent = .whole
  ) -> StatusReport {
    snapshot = report.snapshot
    tickAt = moment
    tickSeconds = took.inSeconds
    tickDurations.observe(took.inSeconds)
    for endpoint in report.snapshot.endpoints where endpoint.wasAsked {
      endpoints[endpoint.name, default: PeerCount()].note(endpoint.failure == nil, at: moment)
    }
    for balancer in report.snapshot.balancers {
      balancers[balancer.name, default: PeerCount()].note(balancer.failure == nil, at: moment)
    }
    note(report.events, at: moment)
    history.add(report, at: moment)
    for backend in report.snapshot.backends {
      add(backend, at: moment)
      watches[backend.name, default: StandingWatch()].see(backend, at: moment)
    }
    let shown = unjudged(at: moment, loopIsOk: loopIsOk, as: wall, telling: extent)
      .judged { [record = self] in record.since($0, $1, wall) ?? wall.moment(moment) }
    for backend in shown.backends {
      watches[BackendName(backend.name)]?.judge(backend.verdict, at: moment)
    }
    return shown
  }

  /// Takes in what happened, in a tick or between two.
  package mutating func note(_ events: [ControlEvent], at moment: Timestamp) {
    for event in events {
      trail.add(event, at: moment)
      switch event {
      case .weightChanged(let change):
        writes[WriteKey(change), default: WriteCount()].changes += 1
        if case .clearing = change.reason {
          writes[WriteKey(change), default: WriteCount()].clearings += 1
        }
        serverWrites[WriteKey(change), default: [:]][change.server, default: 0] += 1
        changes[change.backend, default: []].prepend(MadeChange(at: moment, change: change))
        if changes[change.backend]?.count ?? 0 > Self.mostChanges {
          changes[change.backend]?.removeLast()
        }
      case .weightRefused(let change, _):
        writes[WriteKey(change), default: WriteCount()].refusals += 1
      case .balancerReloaded(let balancer):
        balancers[balancer, default: PeerCount()].reloads += 1
      case .changedByOthers(let backend, _, let balancer, _, _):
        let key = WriteKey(backend: backend, balancer: balancer)
        writes[key, default: WriteCount()].byOthers += 1
      default: break
      }
    }
  }

  private mutating func add(_ backend: BackendStatus, at moment: Timestamp) {
    if levellings[backend.name]?.mode != backend.mode { levellings[backend.name] = nil }
    if backend.levelling != nil || levellings[backend.name] != nil {
      levellings[backend.name, default: LevellingRecord(mode: backend.mode, at: moment)]
        .add(backend.levelling, at: moment, intervalSeconds: interval.inSeconds)
    }
    // Those that are listed are counted, from 0 on; those that are gone are not kept.
    let listed = backend.servers.lazy.filter { !$0.isEmptySlot }.flatMap { server in
      server.weights.map { (balancer: $0.balancer, server: server.name) }
    }
    for (balancer, listed) in Dictionary(grouping: listed, by: \.balancer) {
      let key = WriteKey(backend: backend.name, balancer: balancer)
      let before = serverWrites[key] ?? [:]
      // Servers seldom come or go.
      if before.count == listed.count, listed.allSatisfy({ before[$0.server] != nil }) { continue }
      serverWrites[key] = Dictionary(
        listed.map { ($0.server, before[$0.server] ?? 0) }, uniquingKeysWith: { $1 })
    }
  }
}

extension StatusRecord.WriteKey: Comparable {
  static func < (left: Self, right: Self) -> Bool {
    (left.backend, left.balancer) < (right.backend, right.balancer)
  }

  fileprivate init(_ change: WeightChange) {
    self.init(backend: change.backend, balancer: change.balancer)
  }
}

extension StatusRecord.PeerCount {
  fileprivate mutating func note(_ isUp: Bool, at moment: Timestamp) {
    if isUp { answeredAt = moment } else { failures += 1 }
  }
}

// MARK: - Reports

extension StatusRecord {
  /// - Parameters:
  ///   - now: on the steady clock.
  ///   - loopIsOk: whether the loop keeps its promises.
  package func report(
    at now: Timestamp, loopIsOk: Bool, as wall: WallTime = WallTime()
  ) -> StatusReport {
    unjudged(at: now, loopIsOk: loopIsOk, as: wall, telling: .whole).judged { since($0, $1, wall) }
  }

  /// Since when a backend is in a state; `nil` where the last tick did not find it there.
  private func since(_ backend: String, _ state: Verdict.State, _ wall: WallTime) -> Moment? {
    let known = watches[BackendName(backend)]?.state
    return known.flatMap { $0.state == state ? wall.moment($0.since) : nil }
  }

  private func unjudged(
    at now: Timestamp, loopIsOk: Bool, as wall: WallTime, telling extent: ReportExtent
  ) -> StatusReport {
    StatusReport(
      evenkeel: evenkeelVersion, now: wall.moment(now), startedAt: wall.moment(startedAt),
      configFile: configFile, intervalSeconds: interval.inSeconds, tick: snapshot?.tick ?? 0,
      tickAt: tickAt.map(wall.moment), tickSeconds: tickSeconds, ready: snapshot != nil,
      loopOk: loopIsOk, reloadRefused: reloadRefused,
      endpoints: (snapshot?.endpoints ?? []).map { endpoint in
        let count = endpoints[endpoint.name]
        return StatusReport.Endpoint(
          name: endpoint.name.text, host: endpoint.host.text, up: endpoint.failure == nil,
          failure: endpoint.failure?.description ?? endpoint.doubt.map(endpoint.sentence),
          containers: endpoint.containers,
          answeredAt: count?.answeredAt.map(wall.moment), failures: count?.failures ?? 0,
          origin: origins[endpoint.name]?.origin,
          since: origins[endpoint.name].map { wall.moment($0.since) })
      },
      finders: finders,
      balancers: (snapshot?.balancers ?? []).map { balancer in
        let count = balancers[balancer.name]
        return StatusReport.Balancer(
          name: balancer.name.text, isPeer: balancer.isPeer, up: balancer.failure == nil,
          failure: balancer.failure?.description,
          answeredAt: count?.answeredAt.map(wall.moment), failures: count?.failures ?? 0,
          weightsApart: balancer.weightsApart, toldAgeSeconds: balancer.ageSeconds)
      },
      backends: (snapshot?.backends ?? []).map {
        var backend = StatusReport.Backend(
          $0, changes: shownChanges(of: $0.name, wall, telling: extent),
          watch: watches[$0.name] ?? StandingWatch(), brake: snapshot?.brake ?? Brake(), as: wall,
          telling: extent)
        backend.levelling = levellings[$0.name]?.report(as: wall)
        return backend
      },
      weightChanges: writes.values.reduce(0) { $0 + $1.changes },
      pause: snapshot?.brake.pauses[.all].map { StatusReport.Pause($0, wall) },
      events: extent == .whole ? trail.shown(wall) : [])
  }

  /// - Parameters:
  ///   - backend: only this one; `nil` for all.
  ///   - servers: whether the columns of single servers are wanted.
  package func history(
    of backend: BackendName? = nil, servers: Bool = true, as wall: WallTime = WallTime()
  ) -> HistoryReport {
    history.report(of: backend, servers: servers, as: wall)
  }

  private func shownChanges(
    of backend: BackendName, _ wall: WallTime, telling extent: ReportExtent = .whole
  ) -> [StatusReport.Change] {
    let shown = (changes[backend] ?? []).prefix(extent == .whole ? Self.mostChanges : 1)
    return shown.map { StatusReport.Change($0.change, at: wall.moment($0.at)) }
  }

  /// - Returns: `nil` for a server that the last tick did not see.
  package func explanation(
    of server: ServerName, in backend: BackendName, at now: Timestamp,
    as wall: WallTime = WallTime()
  ) -> Explanation? {
    guard let snapshot, let status = snapshot.backends.first(where: { $0.name == backend }),
      let seen = status.servers.first(where: { $0.name == server })
    else { return nil }
    return Explanation(
      seen, of: status, tick: snapshot.tick, intervalSeconds: interval.inSeconds,
      now: wall.moment(now), changes: shownChanges(of: backend, wall))
  }
}

extension StatusReport {
  /// What is to be said of one tick alone.
  package init(of report: TickReport, every interval: Duration) {
    let moment = report.snapshot.at
    var record = StatusRecord(startedAt: moment, configFile: "")
    record.configured(
      endpoints: report.snapshot.endpoints.map(\.name),
      balancers: report.snapshot.balancers.map(\.name),
      backends: Dictionary(
        report.snapshot.backends.map { ($0.name, []) }, uniquingKeysWith: { $1 }),
      interval: interval, at: moment)
    self = record.add(report, at: moment, took: .zero)
  }
}
