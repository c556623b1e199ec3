/// How long requests stay with a server, from HAProxy's counters alone (Little's law: in flight ÷
/// requests a second), and what is usual for it.
struct Sojourn: Hashable, Codable, Sendable {
  private(set) var usualSeconds: Double?
  private(set) var seconds: Double?
  private(set) var inFlight = 0.0
  /// Whether requests piled up when that was last asked.
  var isPiledUp = false

  /// - Parameters:
  ///   - perSecond: requests that arrived a second; `nil` where unknown.
  ///   - intervals: since it was looked at before.
  mutating func observe(inFlight: Double, perSecond: Double?, intervals: Double) {
    self.inFlight = inFlight
    guard let perSecond, perSecond > 0 else {
      seconds = nil
      return
    }
    let now = inFlight / perSecond
    seconds = now
    usualSeconds =
      usualSeconds.map { $0 + min(1, CapacityConstants.sojournGain * intervals) * (now - $0) }
      ?? now
  }
}

/// Requests that pile up at a server as they do not at its peers, nor usually at itself, by HAProxy's
/// word alone: a disk or a database behind it may be slow while its CPU idles, and CPU samples may be
/// half a minute old.
///
/// What was a pile remains one until it is gone or requests are quick again: with less traffic fewer
/// wait, and each as long as before.
///
/// Such a server is never given more, whatever its CPU says, and what it answers is taken for all
/// that it can do. One that is always slower than its peers is not held back by it, or each small
/// correction downward would last for ever.
struct PileUp: Hashable, Sendable {
  /// Requests in flight beyond what is usual.
  var excess: Double

  /// - Returns: for each server its pile; `nil` where there is none.
  static func find(_ sojourns: [Sojourn]) -> [PileUp?] {
    sojourns.indices.map { index in
      let mine = sojourns[index]
      let least =
        mine.isPiledUp ? CapacityConstants.pileInFlight : CapacityConstants.vetoInFlight
      // Nothing may have arrived for a moment where there was a pile: what is there still waits.
      let waited = mine.seconds ?? (mine.isPiledUp ? .infinity : nil)
      guard let seconds = waited, mine.inFlight >= least else { return nil }
      let peers = sojourns.indices.filter { $0 != index }.compactMap { sojourns[$0].seconds }
      guard let usual = peers.median else { return nil }
      let own = mine.usualSeconds ?? usual
      guard seconds > CapacityConstants.vetoFactor * usual,
        seconds > CapacityConstants.vetoOwnFactor * own
      else { return nil }
      return PileUp(excess: mine.inFlight * (1 - max(own, usual) / seconds))
    }
  }
}
