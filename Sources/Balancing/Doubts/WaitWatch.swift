/// Whether requests wait at a server, by how long they stay (Little's law) beside what is usual.
struct WaitWatch: Hashable, Codable, Sendable {
  private var answers = ArrivalMeter()
  private var inFlight = 0.0
  private var usual: Double?
  private var last: Timestamp?
  /// How long a request stays now.
  private(set) var seconds: Double?

  mutating func observe(_ requests: RequestCounters, in tick: Tick) {
    answers.add(requests.done, at: tick.now)
    inFlight = requests.inFlight
    let elapsed = last.map { max(0, tick.now.seconds(since: $0)) } ?? tick.interval
    last = tick.now
    guard let perSecond = answers.perSecond, perSecond > 0 else {
      seconds = nil
      return
    }
    let now = inFlight / perSecond
    seconds = now
    let gain = Fading.gain(after: elapsed, memory: CapacityConstants.sojournSeconds)
    usual = usual.map { $0 + gain * (now - $0) } ?? now
  }

  /// Requests that wait beyond those that are there as ever; 0 where its peers' stay as long.
  func waiting(besidePeers peers: Double?) -> Double {
    guard let seconds, let peers, let usual, inFlight >= DoubtConstants.waitingInFlight,
      seconds > DoubtConstants.waitingBesidePeers * peers,
      seconds > DoubtConstants.waitingBesideUsual * usual
    else { return 0 }
    return inFlight * (1 - usual / seconds)
  }
}
