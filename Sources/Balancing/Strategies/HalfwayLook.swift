/// What `halfway` saw in a tick. A plan is made of it only where that is asked for: while `capacity` plans,
/// it is enough to have looked.
struct HalfwayLook: Sendable {
  enum Outcome: Sendable {
    case hold(BackendHold)
    case level(Levelled)
  }

  /// The servers that are levelled, and by what.
  struct Levelled: Sendable {
    var servers: [ServerView]
    var utilisations: [ServerName: Double]
    /// Of these and of those that were measured before the last write.
    var mean: Double
    /// For each of the servers the requests that pile up; `nil` where none do.
    var piles: [Double?]
  }

  let tick: Tick
  let views: [ServerView]
  /// Seconds since the look before.
  let elapsed: Double
  /// With what is decided whatever comes of it.
  let draft: PlanDraft
  let outcome: Outcome

  var usesCPU: Bool { views.contains { $0.load.measured?.cores ?? 0 > 0 } }

  func plan() -> Plan {
    var draft = draft
    draft.demandPerSecond = tick.arrivalsPerSecond(of: views)
    switch outcome {
    case .hold(let hold): return draft.plan(.hold(hold))
    case .level(let levelled):
      let verdict = draft.settle(
        wishes(for: levelled), among: views, elapsed: elapsed, band: DeadBand(),
        bounds: tick.bounds)
      return draft.plan(verdict)
    }
  }

  private func wishes(for levelled: Levelled) -> [ShareTargets.Wish] {
    let servers = levelled.servers
    let blame = ErrorPenalty.factors(
      servers.map { tick.counts[$0.server.name]?.errors ?? ErrorMeter() })
    let total = servers.reduce(0) { $0 + $1.server.share }
    let floor = CapacityConstants.floor * total / Double(servers.count)
    return servers.indices.map { index in
      let view = servers[index]
      let utilisation = levelled.utilisations[view.server.name] ?? levelled.mean
      let wanted = view.server.share * Self.step(utilisation, mean: levelled.mean) * blame[index]
      return ShareTargets.Wish(
        view: view, share: max(wanted, floor),
        rise: levelled.piles[index] == nil && view.server.doubt == nil ? .stepwise() : .none)
    }
  }

  /// Half of the way from 1 to mean ÷ utilisation, and at most twice.
  private static func step(_ utilisation: Double, mean: Double) -> Double {
    let wanted = mean / utilisation
    return min(1 + (wanted - 1) / 2, CapacityConstants.step)
  }
}
