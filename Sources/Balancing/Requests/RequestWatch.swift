/// What HAProxy's counters tell of one server: how many requests come and end, how many go wrong, and
/// how long they stay.
struct RequestWatch: Hashable, Codable, Sendable {
  private(set) var arrivals = ArrivalMeter()
  private(set) var answers = ArrivalMeter()
  private(set) var errors = ErrorMeter()
  private(set) var sojourn = Sojourn()
  private var lastSeen: Timestamp?

  /// Takes note of whether the server's requests pile up beside its peers'.
  mutating func note(_ pile: PileUp?) { sojourn.note(isPiledUp: pile != nil) }

  mutating func add(_ requests: RequestCounters, in tick: Tick) {
    arrivals.add(requests.arrived, at: tick.now, memory: tick.memorySeconds)
    answers.add(requests.done, at: tick.now, memory: tick.memorySeconds)
    errors.add(requests, in: tick)
    let seconds = lastSeen.map { max(0, tick.now.seconds(since: $0)) } ?? tick.interval
    sojourn.observe(
      inFlight: requests.inFlight, perSecond: arrivals.perSecond, elapsed: seconds)
    lastSeen = tick.now
  }
}
