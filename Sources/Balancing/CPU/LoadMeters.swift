/// The CPU use of all containers and hosts of a backend, from tick to tick.
struct LoadMeters: Hashable, Codable, Sendable {
  private var containers: [ServerName: ContainerMeter] = [:]
  private var hosts: [HostName: HostMeter] = [:]
  /// What they do on all hosts of those that are levelled.
  private var neighbours = NeighbourForecast.States()
  private var lastTick: Timestamp?
  /// Seconds between the last two ticks, two intervals at the most.
  private(set) var elapsed = 0.0

  /// A window of one server's container that closed in this tick, on our clock.
  struct Window: Hashable, Sendable {
    var from: Timestamp
    var to: Timestamp
    var cpuSeconds: Double
    var seconds: Double
  }

  /// What a tick brought for one server.
  struct Outcome: Hashable, Sendable {
    var window: Window?
    /// The container is a new one, or its counter began anew.
    var restarted: Bool
    var load: Load
    /// Whether it has been up for long without the fresh data that it once had.
    var isLongBlind: Bool
  }

  /// Reads all samples of an observation.
  ///
  /// - Parameter start: where a server's window may begin; `nil` leaves it open.
  /// - Returns: one for each of the tick's servers, in their order.
  mutating func update(
    _ tick: Tick, start: (ServerObservation) -> CPUMeter.Start?
  ) -> [Outcome] {
    for (name, host) in tick.hosts {
      hosts[name, default: HostMeter(seen: tick.now)].update(host, tick: tick)
    }
    elapsed = lastTick.map { min(max(tick.now.seconds(since: $0), 0), 2 * tick.interval) } ?? 0
    lastTick = tick.now
    let outcomes = tick.servers.map { server in
      let machine = server.container.flatMap { hosts[$0.host] }
      var meter = containers[server.name] ?? ContainerMeter(seen: tick.now)
      let (closed, restarted) = meter.update(
        server, on: machine, start: start(server), tick: tick)
      let load = meter.load(of: server, on: machine, tick: tick)
      meter.note(
        isFresh: load.measured != nil, isUp: server.state == .up, elapsedSeconds: elapsed)
      containers[server.name] = meter
      let window = closed.map { window in
        Window(
          from: machine?.onOurClock(window.from.timestamp) ?? window.from.timestamp,
          to: machine?.onOurClock(window.to.timestamp) ?? window.to.timestamp,
          cpuSeconds: window.cpuSeconds, seconds: window.seconds)
      }
      let isLongBlind = server.doubt == nil && meter.blindSeconds > tick.memorySeconds
      return Outcome(window: window, restarted: restarted, load: load, isLongBlind: isLongBlind)
    }
    tick.forgetOld(in: &containers, seen: tick.servers.count, by: \.lastSeen)
    tick.forgetOld(in: &hosts, seen: tick.hosts.count, by: \.lastSeen)
    return outcomes
  }

  /// The container last seen behind a server.
  func container(of server: ServerName) -> ContainerMeter.Identity? {
    containers[server]?.identity
  }

  /// Goes on with a container that an earlier run saw, of which nothing is measured yet.
  mutating func resume(
    _ server: ServerName, with container: ContainerMeter.Identity?, at now: Timestamp
  ) {
    containers[server] = ContainerMeter(seen: now, identity: container)
  }

  /// What the neighbours of each host did of late.
  var neighbourStates: [HostName: NeighbourForecast.States] {
    hosts.mapValues(\.neighbours.states).filter { $0.value.seconds > 0 }
  }

  /// Goes on with what an earlier run saw the neighbours of a host do; what they do now is not known.
  mutating func resume(
    _ host: HostName, with states: NeighbourForecast.States, at now: Timestamp
  ) {
    hosts[host] = HostMeter(seen: now, neighbours: NeighbourLoad(resuming: states))
  }

  /// Forgets a server whose name has become another's.
  mutating func forget(_ server: ServerName) { containers[server] = nil }

  /// The part of a host that is in use, its neighbours included; `nil` without fresh samples.
  func fill(of host: HostName, in tick: Tick) -> Double? {
    guard let meter = hosts[host], let cores = meter.cores else { return nil }
    return meter.rate(in: tick).map { $0 / cores }
  }

  /// What a host has for our servers; `nil` while its size is not known.
  func host(_ name: HostName, in tick: Tick) -> Leveller.Host? {
    hosts[name]?.forecast(besides: neighbours, in: tick)
  }

  /// The same if its neighbours stayed as they were measured last.
  func hostAsMeasured(_ name: HostName) -> Leveller.Host? { hosts[name]?.asMeasured }

  /// Cores that neighbours have on a host when they are there, if they come and go; else `nil`.
  func neighboursThatComeAndGo(on host: HostName) -> Double? {
    hosts[host]?.neighboursThatComeAndGo(besides: neighbours)
  }

  /// Measures what the neighbours of each host use.
  ///
  /// What our containers use is not theirs, whatever the servers' state: a drained server's load is
  /// about to end. But a server that takes traffic and is not levelled goes on as it is: to the
  /// others on its host it is a neighbour.
  ///
  mutating func updateNeighbours(_ views: [ServerView], in tick: Tick) -> NeighbourNews {
    var ours: [HostName: [NeighbourLoad.Ours]] = [:]
    var counted = Set<[String]>()
    var starting = Set<HostName>()
    for view in views {
      guard let container = view.server.container else { continue }
      switch view.load {
      case .measured(let load) where view.isLevelled || !view.server.state.takesTraffic:
        // Two servers may be one container.
        guard counted.insert([container.host.text, container.id]).inserted else { continue }
        ours[container.host, default: []].append(
          NeighbourLoad.Ours(run: container.run, cores: load.cores))
      case .unknown(.noRate) where view.server.state.takesTraffic:
        starting.insert(container.host)
      case .measured, .unknown: break
      }
    }
    // While the rate of a container is still to come, its load would be taken for a neighbour's.
    let levelled = Set(views.filter(\.isLevelled).compactMap(\.server.container?.host))
    var news = NeighbourNews()
    for (name, host) in tick.hosts where !starting.contains(name) {
      let isStep =
        hosts[name]?.updateNeighbours(host, less: ours[name] ?? [], in: tick) == true
      guard levelled.contains(name) else { continue }
      if isStep { news.hasStep = true }
      if hosts[name]?.takeLookAtNeighbours() == true { news.isOnTheMove = true }
    }
    neighbours = NeighbourForecast.States()
    // In the servers' order: the same hosts are the same sum.
    var summed = Set<HostName>()
    for case let name? in views.map(\.server.container?.host)
    where levelled.contains(name) && summed.insert(name).inserted {
      if let states = hosts[name]?.neighbours.states { neighbours.add(states) }
    }
    return news
  }
}

/// What a tick brought of the neighbours of those that are levelled.
struct NeighbourNews: Hashable, Sendable {
  var hasStep = false
  /// Whether one is on the move: how far it goes is not to be learned by intervals.
  var isOnTheMove = false
}
