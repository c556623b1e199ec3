/// How long requests stay with a server, from HAProxy's counters alone (Little's law: in flight ÷
/// requests a second), and what is usual for it.
struct Sojourn: Hashable, Codable, Sendable {
  private(set) var usualSeconds: Double?
  private(set) var seconds: Double?
  /// Seconds in which nothing arrived.
  private var quietSeconds = 0.0

  /// - Parameters:
  ///   - perSecond: requests that arrived a second; `nil` where unknown.
  ///   - elapsed: seconds since it was looked at before.
  mutating func observe(inFlight: Double, perSecond: Double?, elapsed: Double) {
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
}
