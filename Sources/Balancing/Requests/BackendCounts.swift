/// What the counters of all servers of a backend tell, look by look.
struct BackendCounts: Hashable, Codable, Sendable {
  private var servers: [ServerName: ServerCounts] = [:]
  /// Those that took traffic at the last look, and when that was.
  private var taking: [ServerName] = []
  private var lastAt: Timestamp?

  /// The tick of an observation, with what its counters tell beside them.
  mutating func tick(_ observation: BackendObservation) -> Tick {
    var tick = Tick(observation)
    tick.forgetOld(in: &servers, by: \.lastSeen)
    for server in tick.servers {
      servers[server.name, default: ServerCounts(seen: tick.now)].read(server, in: tick)
    }
    findWaiting(in: tick)
    tick.counts = servers
    tick.arrivals = arrivals(in: tick)
    return tick
  }

  /// Forgets a server whose name has become another's.
  mutating func forget(_ server: ServerName) {
    servers[server] = nil
    taking.removeAll { $0 == server }
  }

  /// Finds the requests that wait at each server as they do not at others, nor usually there.
  private mutating func findWaiting(in tick: Tick) {
    let up = tick.servers.filter { $0.state == .up && $0.requests != nil }.map(\.name)
    let stays = PeerValues(up.map { servers[$0]?.backlog.stayByAnswers.seconds })
    for (index, name) in up.enumerated() {
      // The quick ones tell: what shares a limit waits together.
      guard let quick = stays.lowerQuartile(without: index) else { continue }
      servers[name]?.findWaiting(beside: quick, isSpared: tick.discipline != .rate)
    }
  }

  private mutating func arrivals(in tick: Tick) -> Arrivals? {
    let up = tick.servers.filter { $0.state.takesTraffic }
    let names = up.map(\.name)
    defer { (taking, lastAt) = (names, tick.now) }
    guard !tick.mixesWeights, up.count >= 2, names == taking || Set(names) == Set(taking),
      up.allSatisfy({ $0.state == .up && $0.share > 0 }),
      let seconds = lastAt.map({ tick.now.seconds(since: $0) }), seconds > 0
    else { return nil }
    let came = up.compactMap { server in
      servers[server.name]?.growth.flatMap { growth in
        growth.seconds == seconds ? (server.name, growth.arrived) : nil
      }
    }
    guard came.count == up.count else { return nil }
    return Arrivals(
      up: up, came: Dictionary(came) { first, _ in first }, seconds: seconds)
  }
}

/// What came to each server between two looks, where it can be held against the weights: none of these were
/// others', no server is new or goes by more than its weight, and no counter began anew.
///
/// Weights may change meanwhile: what should have come is counted look by look, by those that stand
/// now, which were written right after the look before.
struct Arrivals: Sendable {
  /// Those that take traffic by their weight, all of them.
  let up: [ServerObservation]
  /// Requests that came to each.
  let came: [ServerName: Double]
  /// Requests that came to all of them.
  let total: Double
  /// Seconds in which they came.
  let seconds: Double

  init(up: [ServerObservation], came: [ServerName: Double], seconds: Double) {
    self.up = up
    self.came = came
    self.seconds = seconds
    total = came.values.reduce(0, +)
  }
}
