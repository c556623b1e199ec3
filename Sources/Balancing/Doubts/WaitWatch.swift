/// Whether requests wait at a server, by how long they stay beside what is usual: a sojourn by what is
/// answered, since what waits is to be found while it grows.
struct WaitWatch: Hashable, Codable, Sendable {
  private var answers = ArrivalMeter()
  private var sojourn = Sojourn()
  private var last: Timestamp?

  /// How long a request stays now.
  var seconds: Double? { sojourn.seconds }

  mutating func observe(_ requests: RequestCounters, in tick: Tick) {
    answers.add(requests.done, at: tick.now, memory: tick.memorySeconds)
    sojourn.observe(
      inFlight: requests.inFlight, perSecond: answers.perSecond,
      elapsed: last.map { max(0, tick.now.seconds(since: $0)) } ?? tick.interval)
    last = tick.now
  }

  /// Requests that wait beyond those that are there as ever; 0 where its peers' stay as long.
  ///
  /// - Parameter isSpared: whether the balancer sends less where requests wait.
  func waiting(besidePeers peers: Double?, isSpared: Bool) -> Double {
    guard let peers, let usual = sojourn.usualSeconds else { return 0 }
    return sojourn.excess(besidePeers: peers, own: usual, isSpared: isSpared) ?? 0
  }
}
