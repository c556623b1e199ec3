/// The CPU use of the container behind one server, from tick to tick.
struct ContainerMeter: Hashable, Codable, Sendable {
  /// Tells one container from another.
  struct Identity: Hashable, Codable, Sendable {
    var host: HostName
    var id: String
  }

  private(set) var identity: Identity?
  /// The newest sample while its counter was not believed: no window reaches back behind it.
  private var doubtedAt: Timestamp?
  private(set) var meter = CPUMeter()
  private(set) var lastSeen: Timestamp
  /// Seconds that it has been up without fresh data, if it ever had any.
  private(set) var blindSeconds = 0.0
  private var wasFresh = false
  /// When its server was last seen without traffic, by a decision or a failure.
  private var awayAt: Timestamp?

  /// - Parameter identity: the container that an earlier run saw.
  init(seen now: Timestamp, identity: Identity? = nil) {
    lastSeen = now
    self.identity = identity
  }

  /// Reads its samples.
  ///
  /// - Parameter start: where a window may begin, on our clock; `nil` leaves the window open.
  /// - Returns: the window that closed, and whether the container is a new one or started anew.
  mutating func update(
    _ server: ServerObservation, on machine: HostMeter?, start: CPUMeter.Start?, tick: Tick
  ) -> (window: CPUMeter.Window?, restarted: Bool) {
    lastSeen = tick.now
    if server.state.isAway { awayAt = tick.now }
    guard let container = server.container else { return (nil, false) }
    if server.doubt?.isLasting == true { doubtedAt = container.run.samples.last?.timestamp }
    let run = doubtedAt.map(container.run.since) ?? container.run
    let seen = Identity(host: container.host, id: container.id)
    let isAnother = identity.map { $0 != seen } ?? false
    if isAnother { (meter, doubtedAt) = (CPUMeter(), nil) }
    let fell = meter.restartAfterFall(in: run)
    identity = seen
    if server.doubt?.isLasting == true { meter.restart() }
    guard let start, server.doubt?.holds != true else { return (nil, isAnother || fell) }
    let machine = machine ?? HostMeter(seen: tick.now)
    let window = meter.close(
      at: run, from: start.on(machine), shortest: CapacityConstants.shortestWindowSeconds,
      ceiling: machine.ceiling)
    return (window, isAnother || fell)
  }

  /// Counts how long it has been up without fresh data.
  mutating func note(isFresh: Bool, isUp: Bool, elapsedSeconds: Double) {
    if isFresh {
      wasFresh = true
      blindSeconds = 0
    } else if isUp, wasFresh {
      blindSeconds += elapsedSeconds
    }
  }

  /// A time away that is still to come is of a clock that was set back since: it says nothing.
  private func isSinceAway(_ end: Timestamp, _ tick: Tick) -> Bool {
    guard let awayAt, awayAt <= tick.now else { return true }
    return end > awayAt
  }

  /// What is measured of it now, or why nothing is.
  ///
  /// What was measured before a server came back says nothing of what it is now.
  func load(of server: ServerObservation, on machine: HostMeter?, tick: Tick) -> Load {
    guard let container = server.container else { return .unknown(.noContainer) }
    if let doubt = server.doubt, doubt.holds { return .unknown(.doubted(doubt)) }
    guard let rate = meter.rate else {
      return .unknown(container.run.samples.isEmpty ? .stale(ageSeconds: nil) : .noRate)
    }
    let machine = machine ?? HostMeter(seen: tick.now)
    let end = machine.onOurClock(rate.to)
    guard tick.isFresh(end), server.state.isAway || isSinceAway(end, tick) else {
      return .unknown(.stale(ageSeconds: tick.now.seconds(since: end)))
    }
    guard let limits = Limits(container.capacity, host: machine, tick: tick) else {
      return .unknown(.noRate)
    }
    return .measured(
      Load.Measured(
        cores: rate.cores, limitCores: limits.cores,
        utilisation: limits.utilisation(cores: rate.cores),
        began: machine.onOurClock(rate.from), host: container.host,
        capacity: container.capacity, hostCores: limits.hostCores, hostCoresUsed: limits.hostRate,
        windowSeconds: rate.to.seconds(since: rate.from)))
  }
}

extension CPUMeter.Start {
  fileprivate func on(_ machine: HostMeter) -> Self {
    switch self {
    case .notBefore(let moment): .notBefore(machine.onItsClock(moment))
    case .preferablyAfter(let moment): .preferablyAfter(moment.map(machine.onItsClock))
    }
  }
}
