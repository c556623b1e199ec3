/// How long requests stay with a server, from HAProxy's counters alone (Little's law: in flight ÷
/// requests a second), and what is usual for it.
struct Sojourn: Hashable, Codable, Sendable {
  private(set) var usualSeconds: Double?
  private(set) var seconds: Double?
  private(set) var inFlight = 0.0
  /// Intervals since requests began to pile up; `nil` where they did not when that was last asked.
  private(set) var piledIntervals: Double?
  /// Intervals since it was looked at first.
  private var age = 0.0
  /// Intervals in which nothing arrived.
  private var quietIntervals = 0.0

  /// - Parameters:
  ///   - perSecond: requests that arrived a second; `nil` where unknown.
  ///   - intervals: since it was looked at before.
  mutating func observe(inFlight: Double, perSecond: Double?, intervals: Double) {
    self.inFlight = inFlight
    age += intervals
    piledIntervals = piledIntervals.map { $0 + intervals }
    guard let perSecond, perSecond > 0 else {
      seconds = nil
      quietIntervals += intervals
      return
    }
    let now = inFlight / perSecond
    seconds = now
    let gain = min(1, CapacityConstants.sojournGain * (quietIntervals + intervals))
    quietIntervals = 0
    usualSeconds = usualSeconds.map { $0 + gain * (now - $0) } ?? now
  }

  mutating func note(isPiledUp: Bool) {
    piledIntervals = isPiledUp ? piledIntervals ?? 0 : nil
  }

  /// How long requests usually stay; `nil` in the first minute, when nothing is usual yet.
  var ownSeconds: Double? {
    age > CapacityConstants.sojournIntervals ? usualSeconds : nil
  }

  /// Whether a few requests are enough to call it a pile still.
  var isStillPiledUp: Bool {
    piledIntervals.map { $0 <= CapacityConstants.pileIntervals } ?? false
  }
}
