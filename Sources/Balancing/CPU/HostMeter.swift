/// What is known of one machine: its size, its clock and its load.
struct HostMeter: Hashable, Codable, Sendable {
  /// Logical cores, above 0; `nil` until the machine said so.
  private(set) var cores: Double?
  /// Seconds by which its clock is ahead of ours.
  private(set) var clockOffset = 0.0
  private(set) var meter = CPUMeter()
  private(set) var neighbours: NeighbourLoad
  private var fairPart = 0.0
  private(set) var lastSeen: Timestamp
  /// Whether the machine's whole load is measured at all.
  private var isMeasured = false

  init(seen now: Timestamp, neighbours: NeighbourLoad = NeighbourLoad()) {
    lastSeen = now
    self.neighbours = neighbours
  }

  mutating func update(_ host: HostObservation, tick: Tick) {
    lastSeen = tick.now
    if host.cores > 0 { cores = host.cores }
    clockOffset = host.clockOffsetSeconds
    isMeasured = !host.run.samples.isEmpty
    fairPart = host.fairPart
    // Neighbours that there is no room for were never there; those that cannot be seen any more are.
    if case .moreThanItHas = host.doubt { neighbours = NeighbourLoad() }
    _ = meter.restartAfterFall(in: host.run)
    _ = meter.close(
      at: host.run, from: .preferablyAfter(nil), shortest: CapacityConstants.shortestWindowSeconds,
      ceiling: ceiling)
  }

  /// - Returns: whether the neighbours made a step.
  mutating func updateNeighbours(
    _ host: HostObservation, less ours: [NeighbourLoad.Ours], in tick: Tick
  ) -> Bool {
    guard let cores, rate(in: tick) != nil else { return false }
    return neighbours.observe(
      host.run, less: ours, hostCores: cores, interval: tick.interval,
      pace: tick.pace, now: onItsClock(tick.now))
  }

  /// What is to be reckoned with over the coming interval; `nil` while its size is not known.
  ///
  /// - Parameter others: what neighbours do on all hosts of the backend.
  func forecast(besides others: NeighbourForecast.States, in tick: Tick) -> Leveller.Host? {
    guard let cores else { return nil }
    let lag = neighbours.age(at: onItsClock(tick.now)) + tick.pace
    return Leveller.Host(
      cores: cores, neighbourCores: cores * neighbours.part(lag: lag, besides: others),
      fairCores: cores * fairPart)
  }

  /// What there would be if the neighbours stayed as they were measured last; `nil` while its size is not
  /// known.
  var asMeasured: Leveller.Host? {
    cores.map {
      Leveller.Host(
        cores: $0, neighbourCores: $0 * (neighbours.now ?? 0), fairCores: $0 * fairPart)
    }
  }

  /// Cores that its neighbours have when they are there, if they come and go; else `nil`.
  func neighboursThatComeAndGo(besides others: NeighbourForecast.States) -> Double? {
    cores.flatMap { cores in
      neighbours.partOfThoseThatComeAndGo(besides: others).map { $0 * cores }
    }
  }

  mutating func takeLookAtNeighbours() -> Bool { neighbours.takeLook() }

  /// Cores above which a counter of this host is not believed.
  var ceiling: Double { (cores ?? Self.mostCores) * CapacityConstants.farOff }

  /// A moment of the host's clock on ours.
  func onOurClock(_ moment: Timestamp) -> Timestamp { moment.advanced(bySeconds: -clockOffset) }

  /// A moment of our clock on the host's.
  func onItsClock(_ moment: Timestamp) -> Timestamp { moment.advanced(bySeconds: clockOffset) }

  /// Cores used by all on it; `nil` without fresh samples.
  func rate(in tick: Tick) -> Double? {
    guard isMeasured, let rate = meter.rate, tick.isFresh(onOurClock(rate.to)) else { return nil }
    return rate.cores
  }

  /// More than any machine has; keeps a broken reply from overflowing what is made of it.
  static let mostCores = 1e6
}

extension Tick {
  /// Whether a rate whose window ended then (on our clock) may be acted on. One from the future is
  /// as useless as an old one: its clock cannot be trusted.
  func isFresh(_ end: Timestamp) -> Bool { abs(now.seconds(since: end)) <= freshSeconds }
}
