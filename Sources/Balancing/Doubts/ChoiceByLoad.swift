/// Whether a balancer that sees requests in flight has chosen by them.
struct ChoiceByLoad: Hashable, Codable, Sendable {
  /// Requests in flight at a server, and those that would be by its weight, added up over intervals: looks
  /// that come quickly see the same requests.
  private struct Load: Hashable, Codable, Sendable {
    var seen = 0.0
    var due = 0.0
  }

  private var loads: [ServerName: Load] = [:]
  private var intervals = 0.0

  mutating func observe(_ look: Arrivals, interval: Double) {
    let kept = Fading.kept(after: look.seconds, memory: CapacityConstants.usualSeconds)
    let part = min(1, look.seconds / interval)
    let inFlight = look.up.map { part * ($0.requests?.inFlight ?? 0) }
    let all = inFlight.reduce(0, +)
    intervals = kept * intervals + part
    loads = loads.filter { look.came[$0.key] != nil }
    for (server, inFlight) in zip(look.up, inFlight) {
      let load = loads[server.name] ?? Load()
      loads[server.name] = Load(
        seen: kept * load.seen + inFlight, due: kept * load.due + all * server.share)
    }
  }

  /// Whether it explains that a server has so much more of the requests than by its weight, or less.
  ///
  /// - Returns: `nil` where too few were in flight to tell.
  func explains(_ excess: Double, of server: ServerName) -> Bool? {
    // Idle servers are alike: no more is chosen otherwise than there are moments in which one is not.
    let all = loads.values.reduce(0) { $0 + $1.seen }
    guard let load = loads[server], all >= abs(excess) * intervals else { return false }
    // It keeps requests from where many wait: more of both are others' doing.
    let surplus = (load.seen - load.due) * (excess > 0 ? 1 : -1)
    let chance = CapacityConstants.chanceDeviations * max(1, load.due).squareRoot()
    return abs(surplus) > chance ? surplus < 0 : nil
  }
}
