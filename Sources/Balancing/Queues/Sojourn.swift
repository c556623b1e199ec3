/// How long requests stay with a server, from HAProxy's counters alone (Little's law: in flight ÷
/// requests a second), and what is usual for it.
struct Sojourn: Hashable, Codable, Sendable {
  private(set) var usualSeconds: Double?
  private(set) var seconds: Double?
  private(set) var inFlight = 0.0
  /// Seconds since it was looked at first.
  private var age = 0.0
  /// Seconds in which nothing arrived.
  private var quietSeconds = 0.0

  /// - Parameters:
  ///   - perSecond: requests that arrived a second; `nil` where unknown.
  ///   - elapsed: seconds since it was looked at before.
  mutating func observe(inFlight: Double, perSecond: Double?, elapsed: Double) {
    self.inFlight = inFlight
    age += elapsed
    guard let perSecond, perSecond > 0 else {
      seconds = nil
      quietSeconds += elapsed
      return
    }
    let now = inFlight / perSecond
    seconds = now
    let gain = Fading.gain(
      after: quietSeconds + elapsed, memory: CapacityConstants.usualSeconds)
    quietSeconds = 0
    usualSeconds = usualSeconds.map { $0 + gain * (now - $0) } ?? now
  }

  /// How long requests usually stay; `nil` in the first minute, when nothing is usual yet.
  var ownSeconds: Double? {
    age > CapacityConstants.rateSeconds ? usualSeconds : nil
  }

  /// Requests in flight beyond those that are usual; `nil` where they stay hardly longer than its peers',
  /// or than is usual for itself, or are few.
  ///
  /// - Parameters:
  ///   - peers: seconds that requests stay with its peers.
  ///   - own: seconds that they usually stay here.
  ///   - isPile: whether they have piled up, and for no longer than evidence lasts.
  ///   - isSpared: whether the balancer sends less where requests wait: then a few that do say as much as
  ///     many elsewhere.
  func excess(
    besidePeers peers: Double, own: Double, isPile: Bool = false, isSpared: Bool = false
  ) -> Double? {
    let least =
      isSpared || isPile ? CapacityConstants.pileInFlight : CapacityConstants.noAccident
    // Nothing may have arrived for a moment where there was a pile: what is there still waits.
    let waited = seconds ?? (isPile ? .infinity : nil)
    guard let waited, inFlight >= least, waited > CapacityConstants.vetoFactor * peers,
      waited > CapacityConstants.farOff * own
    else { return nil }
    return inFlight * (1 - max(own, peers) / waited)
  }
}
