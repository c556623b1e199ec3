/// What HAProxy's counters tell of one server: how many requests come and end, how many go wrong, how
/// many are there, and what its container answered.
struct ServerCounts: Hashable, Codable, Sendable {
  private var requests = CounterMeter()
  private var work = CounterMeter()
  private(set) var errors = ErrorMeter()
  private(set) var backlog = Backlog()
  /// What its container answered well, for all backends: what its CPU time is set against.
  private(set) var answered = CounterHistory()
  private(set) var lastSeen: Timestamp

  init(seen now: Timestamp) { lastSeen = now }

  /// What was counted since the look before; `nil` where that is not known.
  var growth: CounterGrowth? { requests.growth }

  mutating func read(_ server: ServerObservation, in tick: Tick) {
    lastSeen = tick.now
    requests.read(server.requests, at: tick.now)
    if let growth { errors.add(growth) }
    backlog.read(server.requests, growth, in: tick)
    work.read(server.work, at: tick.now)
    if server.work != nil {
      answered.add(work.growth?.succeeded, at: tick.now, memory: tick.memorySeconds)
    }
  }

  /// Finds what waits at it, as ``Backlog`` has it.
  mutating func findWaiting(beside quick: Double, isSpared: Bool) {
    backlog.findWaiting(beside: quick, isSpared: isSpared)
  }
}
