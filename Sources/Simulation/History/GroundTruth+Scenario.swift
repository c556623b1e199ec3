internal import Balancing

extension GroundTruth {
  /// The largest part of what is used that no counter can be believed to show.
  private static let smallPart = 0.2
  /// Below it nobody can tell where requests went from chance.
  private static let fewestPinned = 0.2

  /// Reads it off a scenario and what came of it.
  package init(_ scenario: Scenario, _ seconds: [RunRecord.Second]) {
    self.init(quietSeconds: 12 * scenario.intervalSeconds + 60)
    arrived = seconds.map(\.arrived)
    for server in scenario.servers {
      hostCores[server.name] = scenario.hosts.first { $0.name == server.host }?.cores
    }
    pinned = scenario.demand.pinned
    sharesContainers = Set(scenario.balancers.map(\.backend)).count > 1
    var open: [Track: Lie] = [:]
    for (time, change) in scenario.happenings {
      let faults = scenario.counterChanges(change)
      if change.isTrue { changes.append(time) }
      for (track, counter) in faults {
        if let lie = open.removeValue(forKey: track) { close(lie, at: time) }
        let sight = scenario.sight(of: track.host)
        guard let fault = counter.fault else { continue }
        if fault.isMomentary {
          lies.append(
            Lie(
              .isContradicted, of: scenario.servers(of: track), fromSeconds: time,
              plainSeconds: time, toSeconds: time + sight.seconds + scenario.intervalSeconds))
        } else {
          // Whatever else it shows is unseen, or may be true.
          let showsLittle = fault.showsLittle(atMost: Self.smallPart) && track.server != nil
          open[track] = Lie(
            showsLittle ? .showsLittle : .isContradicted,
            of: showsLittle ? scenario.servers(of: track) : [], fromSeconds: time,
            plainSeconds: time + sight.seconds + scenario.intervalSeconds,
            toSeconds: counter.seconds.map { time + $0 } ?? scenario.durationSeconds)
        }
      }
      lies += scenario.balancerLies(change, at: time)
    }
    for lie in open.values { close(lie, at: lie.toSeconds) }
    changes.sort()
    lies.sort { ($0.fromSeconds, $0.toSeconds) < ($1.fromSeconds, $1.toSeconds) }
  }

  /// A counter that is right again jumps, or is at last believed: that is a change.
  private mutating func close(_ lie: Lie, at time: Double) {
    var lie = lie
    lie.toSeconds = min(lie.toSeconds, time)
    changes += [lie.fromSeconds, lie.toSeconds]
    if lie.kind == .showsLittle { lies.append(lie) }
  }
}

/// A CPU counter: a server's, or a machine's own.
private struct Track: Hashable {
  var host: HostName
  var server: ServerName?
}

extension CounterFault {
  fileprivate func showsLittle(atMost part: Double) -> Bool {
    switch self {
    case .frozen, .zero: true
    case .slow(let shown): shown <= part
    case .missing, .spike, .fall: false
    }
  }
}

extension Event.Change {
  /// Whether something is different afterwards, and not only said to be.
  fileprivate var isTrue: Bool {
    switch self {
    case .demand, .cost, .failFast, .slice, .share: return true
    case .daemon(_, let change): return change.restarts
    case .reload(_, let restoresCounters): return !restoresCounters
    case .server(_, let change):
      var rest = change
      rest.counter = nil
      rest.inFlight = nil
      rest.resetsCounters = false
      return rest != Event.ServerChange()
    case .host(_, let change):
      var rest = change
      rest.counters = nil
      rest.machineCounter = nil
      return rest != Event.HostChange()
    }
  }
}

extension Scenario {
  /// All events, with their repetitions, by time.
  fileprivate var happenings: [(time: Double, change: Event.Change)] {
    events.flatMap { event in event.times.map { ($0, event.change) } }.sorted { $0.0 < $1.0 }
  }

  fileprivate func servers(of track: Track) -> Set<ServerName> {
    if let server = track.server { return [server] }
    return Set(servers.filter { $0.host == track.host }.map(\.name))
  }

  /// The longest until two samples after a moment can be read.
  fileprivate func sight(of host: HostName) -> (seconds: Double, lagSeconds: Double) {
    let model = hosts.first { $0.name == host }?.sampling ?? sampling
    let lags = events.compactMap { event -> Double? in
      guard case .host(host, let change) = event.change else { return nil }
      return change.lagSeconds
    }
    let lag = max(model.lagSeconds, lags.max() ?? 0)
    return (lag + 2 * model.housekeepingSeconds * (1 + model.jitter), lag)
  }

  fileprivate func counterChanges(_ change: Event.Change) -> [(Track, Event.CounterChange)] {
    switch change {
    case .server(let name, let change):
      guard let counter = change.counter, let server = servers.first(where: { $0.name == name })
      else { return [] }
      return [(Track(host: server.host, server: name), counter)]
    case .host(let name, let change):
      let own = change.counters.map { counter in
        servers.filter { $0.host == name }.map { (Track(host: name, server: $0.name), counter) }
      }
      return (own ?? []) + (change.machineCounter.map { [(Track(host: name), $0)] } ?? [])
    case .demand, .cost, .failFast, .reload, .share, .slice, .daemon: return []
    }
  }

  /// What a balancer says of servers that is not true.
  fileprivate func balancerLies(_ change: Event.Change, at time: Double) -> [GroundTruth.Lie] {
    func lie(_ servers: Set<ServerName>, lasting seconds: Double = 0) -> GroundTruth.Lie {
      GroundTruth.Lie(
        .isContradicted, of: servers, fromSeconds: time, plainSeconds: time,
        toSeconds: min(time + seconds, durationSeconds) + 2 * intervalSeconds)
    }
    switch change {
    case .reload(_, restoresCounters: true): return [lie(Set(servers.map(\.name)))]
    case .server(let name, let change):
      var lies: [GroundTruth.Lie] = []
      if change.resetsCounters { lies.append(lie([name])) }
      if let gauge = change.inFlight {
        lies.append(lie([name], lasting: gauge.seconds ?? durationSeconds))
      }
      return lies
    case .demand, .cost, .failFast, .reload, .share, .slice, .host, .daemon: return []
    }
  }
}

extension Scenario {
  /// The same, but for readings that the next one contradicts.
  var withoutContradictions: Scenario {
    var honest = self
    honest.events = events.map { event in
      var event = event
      switch event.change {
      case .server(let name, var change):
        if change.counter?.fault?.isMomentary == true { change.counter = nil }
        change.inFlight = nil
        change.resetsCounters = false
        event.change = .server(name, change)
      case .host(let name, var change):
        if change.counters?.fault?.isMomentary == true { change.counters = nil }
        if change.machineCounter?.fault?.isMomentary == true { change.machineCounter = nil }
        event.change = .host(name, change)
      case .reload(let name, _): event.change = .reload(name, restoresCounters: false)
      case .demand, .cost, .failFast, .share, .slice, .daemon: break
      }
      return event
    }
    return honest
  }
}
