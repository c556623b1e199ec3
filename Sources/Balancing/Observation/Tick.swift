/// An observation made safe to calculate with, the durations that follow from its interval, and what was
/// found of it before a strategy plans: what its counters tell, and what of them is not believed.
///
/// What comes from outside may be anything: here numbers that are none become absent, and of two
/// servers of one name the first counts.
struct Tick: Sendable {
  let now: Timestamp
  /// Seconds between ticks, within a millisecond and a day.
  let interval: Double
  /// Seconds between ticks while neighbours are watched: less than an interval where they can be.
  var watchSeconds: Double
  /// Seconds for which what is planned now will stand: to the next tick that is sure to come.
  var pace: Double
  let discipline: BackendObservation.Discipline
  let lastWrite: Timestamp?
  let reloadedAt: Timestamp?
  let bounds: WeightBounds
  let mixesWeights: Bool
  /// All that were observed, in HAProxy's order; one may stand there twice.
  let names: [ServerName]
  var servers: [ServerObservation]
  var hosts: [HostName: HostObservation]
  /// What the counters of each server tell.
  var counts: [ServerName: ServerCounts] = [:]
  /// What came since the tick before; `nil` where it cannot be held against the weights.
  var arrivals: Arrivals?

  init(_ observation: BackendObservation) {
    now = observation.now
    let interval = observation.intervalSeconds.bounded(to: 0.001...86_400) ?? 10
    self.interval = interval
    watchSeconds = observation.watchSeconds.bounded(to: 0.001...interval) ?? interval
    pace = interval
    discipline = observation.discipline
    lastWrite = observation.lastWrite
    reloadedAt = observation.reloadedAt
    bounds = observation.bounds
    mixesWeights = observation.mixesWeights
    hosts = observation.hosts.mapValues(Self.sane)
    names = observation.servers.map(\.name)
    var seen = Set<ServerName>()
    servers = observation.servers.filter { seen.insert($0.name).inserted }.map(Self.sane)
  }

  /// Seconds for which a rate is fresh.
  var freshSeconds: Double {
    max(CapacityConstants.freshIntervals * interval, CapacityConstants.freshSeconds)
  }

  /// Seconds for which counts are kept: longer than a sample can be late and still be of use, and over some
  /// ticks however far these are apart. A server of which nothing was fresh for as long is long unknown.
  var memorySeconds: Double {
    max(CapacityConstants.evidenceSeconds, CapacityConstants.freshIntervals * interval)
  }

  /// Requests a second that come to some servers together; `nil` before anything was counted twice.
  func arrivalsPerSecond(of views: [ServerView]) -> Double? {
    let rates = views.compactMap { counts[$0.server.name]?.backlog.arrivalsPerSecond }
    return rates.isEmpty ? nil : rates.reduce(0, +)
  }

  private static func sane(_ server: ServerObservation) -> ServerObservation {
    var server = server
    server.share = server.share.bounded(to: 0...1) ?? 0
    server.configuredShare = server.configuredShare.flatMap { $0.bounded(to: 0...1) }
    server.requests = server.requests.flatMap(sane)
    server.work = server.work.flatMap(sane)
    server.queued = server.queued.flatMap { $0.bounded(to: 0...Double(UInt64.max)) }
    server.responseSeconds = server.responseSeconds.flatMap { $0.bounded(to: 0...86_400) }
    server.limit = server.limit.flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
    if let told = server.container?.capacity.toldCores, !(told.isFinite && told > 0) {
      server.container?.capacity.toldCores = nil
    }
    return server
  }

  /// Of a host whose cores are 0 the size is not known.
  private static func sane(_ host: HostObservation) -> HostObservation {
    var host = host
    host.cores = host.cores.bounded(to: 0...HostMeter.mostCores) ?? 0
    host.clockOffsetSeconds = host.clockOffsetSeconds.isFinite ? host.clockOffsetSeconds : 0
    host.fairPart = host.fairPart.bounded(to: 0...1) ?? 0
    return host
  }

  private static func sane(_ counters: RequestCounters) -> RequestCounters? {
    // No counter of HAProxy's is wider than 64 bits.
    let range = 0...Double(UInt64.max)
    guard let arrived = counters.arrived.bounded(to: range),
      let done = counters.done.bounded(to: range),
      let failed = counters.failed.bounded(to: range),
      let inFlight = counters.inFlight.bounded(to: range),
      let open = counters.open.bounded(to: range),
      let tried = counters.tried.bounded(to: range),
      let tunnelled = counters.tunnelled.bounded(to: range)
    else { return nil }
    return RequestCounters(
      arrived: arrived, done: done, failed: failed, inFlight: inFlight, open: open, tried: tried,
      tunnelled: tunnelled)
  }
}

extension Double {
  /// The nearest number within `range`; `nil` for what is not a finite number.
  func bounded(to range: ClosedRange<Double>) -> Double? {
    isFinite ? Swift.min(Swift.max(self, range.lowerBound), range.upperBound) : nil
  }
}
