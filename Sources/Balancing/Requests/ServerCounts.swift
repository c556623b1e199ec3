/// What HAProxy's counters tell of one server: how many requests come and end, how many go wrong, how
/// long they stay, and what its container answered.
struct ServerCounts: Hashable, Codable, Sendable {
  private var requests = CounterMeter()
  private var work = CounterMeter()
  /// Requests a second since the look before; `nil` until something was counted twice, and after counting
  /// began anew.
  private(set) var arrivalsPerSecond: Double?
  private(set) var answersPerSecond: Double?
  private(set) var errors = ErrorMeter()
  /// How long requests stay, by what arrives, …
  private(set) var stay = Sojourn()
  /// … and by what is answered, since what waits is to be found while it grows.
  private(set) var wait = Sojourn()
  /// What its container answered well, for all backends: what its CPU time is set against.
  private(set) var answered = CounterHistory()
  private var lastRead: Timestamp?
  private(set) var lastSeen: Timestamp

  init(seen now: Timestamp) { lastSeen = now }

  /// What was counted since the look before; `nil` where that is not known.
  var growth: CounterGrowth? { requests.growth }

  mutating func read(_ server: ServerObservation, in tick: Tick) {
    lastSeen = tick.now
    requests.read(server.requests, at: tick.now)
    if let counters = server.requests { note(counters, in: tick) }
    work.read(server.work, at: tick.now)
    if server.work != nil {
      answered.add(work.growth?.succeeded, at: tick.now, memory: tick.memorySeconds)
    }
  }

  private mutating func note(_ counters: RequestCounters, in tick: Tick) {
    if let growth, growth.seconds > 0 {
      // What was counted over so long says nothing of now.
      let isRate = growth.seconds <= tick.memorySeconds
      arrivalsPerSecond = isRate ? growth.arrived / growth.seconds : nil
      answersPerSecond = isRate ? growth.done / growth.seconds : nil
    } else if growth == nil {
      (arrivalsPerSecond, answersPerSecond) = (nil, nil)
    }
    if let growth { errors.add(growth) }
    let elapsed = lastRead.map { max(0, tick.now.seconds(since: $0)) } ?? tick.interval
    lastRead = tick.now
    stay.observe(inFlight: counters.inFlight, perSecond: arrivalsPerSecond, elapsed: elapsed)
    wait.observe(inFlight: counters.inFlight, perSecond: answersPerSecond, elapsed: elapsed)
  }
}
