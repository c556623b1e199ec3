/// The requests in flight at one server, by HAProxy's word alone: how many come and are answered a second,
/// how long they stay, and which of them are too many.
///
/// CPU samples may be half a minute old, and a disk or a database behind a server may be slow while its CPU
/// idles: what waits is known here first.
struct Backlog: Hashable, Codable, Sendable {
  /// Requests in flight; the last known where a look brought none.
  private(set) var requests = 0.0
  /// Requests a second since the look before; `nil` until something was counted twice, and after counting
  /// began anew.
  private(set) var arrivalsPerSecond: Double?
  private(set) var answersPerSecond: Double?
  /// How long requests stay, by what arrives, …
  private(set) var stayByArrivals = Sojourn()
  /// … and by what is answered, since what waits is to be found while it grows.
  private(set) var stayByAnswers = Sojourn()
  /// Requests that wait as they do not at others, nor usually here; `nil` where none do, or that is not
  /// known. It is of one tick, and the next begins without.
  private(set) var waiting: Double?
  /// Seconds since it was looked at first.
  private var age = 0.0
  private var lastRead: Timestamp?

  /// Takes in a look at a server.
  ///
  /// - Parameters:
  ///   - counters: `nil` where they could not be read.
  ///   - growth: of them since the look before; `nil` where that is not known.
  mutating func read(_ counters: RequestCounters?, _ growth: CounterGrowth?, in tick: Tick) {
    waiting = nil
    guard let counters else { return }
    requests = counters.inFlight
    if let growth, growth.seconds > 0 {
      // What was counted over so long says nothing of now.
      let isRate = growth.seconds <= tick.memorySeconds
      arrivalsPerSecond = isRate ? growth.arrived / growth.seconds : nil
      answersPerSecond = isRate ? growth.done / growth.seconds : nil
    } else if growth == nil {
      (arrivalsPerSecond, answersPerSecond) = (nil, nil)
    }
    let elapsed = lastRead.map { max(0, tick.now.seconds(since: $0)) } ?? tick.interval
    lastRead = tick.now
    age += elapsed
    stayByArrivals.observe(inFlight: requests, perSecond: arrivalsPerSecond, elapsed: elapsed)
    stayByAnswers.observe(inFlight: requests, perSecond: answersPerSecond, elapsed: elapsed)
  }

  // MARK: Too many beside others

  /// Requests that pile up here as they do not at peers, nor usually here; `nil` where none do.
  ///
  /// - Parameters:
  ///   - peers: seconds that requests stay with its peers, by what arrives.
  ///   - isStill: whether they have piled up, and for no longer than evidence lasts. Then a few are
  ///     enough, and nothing need arrive for a moment: what is there still waits.
  func pile(beside peers: Double, isStill: Bool) -> Double? {
    // In the first minute nothing is usual yet.
    let own = age > CapacityConstants.rateSeconds ? stayByArrivals.usualSeconds : nil
    return excess(
      stayByArrivals.seconds ?? (isStill ? .infinity : nil), peers: peers, own: own ?? peers,
      isFewEnough: isStill)
  }

  /// Finds what waits here, while it grows.
  ///
  /// - Parameters:
  ///   - quick: seconds that requests stay with those of its peers that are quick, by what is answered.
  ///   - isSpared: whether the balancer sends less where requests wait: then a few that do say as much as
  ///     many elsewhere.
  mutating func findWaiting(beside quick: Double, isSpared: Bool) {
    waiting = stayByAnswers.usualSeconds.flatMap { own in
      excess(stayByAnswers.seconds, peers: quick, own: own, isFewEnough: isSpared)
    }
  }

  /// Requests in flight beyond those that are usual; `nil` where they stay hardly longer than its peers', or
  /// than is usual for itself, or are few.
  ///
  /// - Parameters:
  ///   - seconds: that they stay.
  ///   - peers: seconds that requests stay with its peers.
  ///   - own: seconds that they usually stay here.
  private func excess(
    _ seconds: Double?, peers: Double, own: Double, isFewEnough: Bool
  ) -> Double? {
    let least = isFewEnough ? CapacityConstants.pileInFlight : CapacityConstants.noAccident
    guard let seconds, requests >= least, seconds > CapacityConstants.vetoFactor * peers,
      seconds > CapacityConstants.farOff * own
    else { return nil }
    return requests * (1 - max(own, peers) / seconds)
  }

  // MARK: Too many for the CPU

  /// Requests beyond those that are always in flight, and those that stay no longer than so many seconds.
  func queue(beyond seconds: Double) -> Double {
    let queued = max(0, requests - CapacityConstants.idleInFlight)
    return max(0, queued - seconds * (arrivalsPerSecond ?? 0))
  }

  /// CPU seconds a request, if what a server answers is all that it can do.
  ///
  /// - Parameter pace: seconds to the next tick.
  func costAtFullSpeed(limitCores: Double, pace: Double) -> Double {
    // One more may come before the next tick.
    limitCores / max(answersPerSecond ?? 0, 1 / pace)
  }

  /// Whether it takes longer than so many intervals to end by itself; no, where no answers are known.
  func outlasts(intervals: Double, of seconds: Double) -> Bool {
    answersPerSecond.map { requests > $0 * intervals * seconds } ?? false
  }
}
