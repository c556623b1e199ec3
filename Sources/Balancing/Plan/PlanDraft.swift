/// A plan on its way: what is known of each server, and what was decided so far.
struct PlanDraft: Sendable {
  private let views: [ServerView]
  /// All that were observed, in their order; one may stand there twice.
  private let names: [ServerName]
  private var decided: [ServerName: ServerPlan.Target] = [:]
  private var causes: [ServerName: ShareCause] = [:]
  var demandPerSecond: Double?
  var levelAimedAt: Double?
  var reach: Reach?
  var watchedHosts: Set<HostName> = []
  private var nextTick = NextTick.usual
  /// Whether it is asked for because of others than those of whom something is yet to be learned.
  private var isForAll = false
  /// By which it was settled.
  private var band: DeadBand?

  /// - Parameter views: one for each server of the tick, in its order.
  init(_ views: [ServerView], in tick: Tick) { (self.views, names) = (views, tick.names) }

  mutating func decide(_ target: ServerPlan.Target, for name: ServerName) {
    decided[name] = target
  }

  /// Asks for the next tick no later than this.
  ///
  /// - Parameter isForLearners: whether it is for servers alone of which something is yet to be learned.
  mutating func ask(for next: NextTick, isForLearners: Bool = false, if isWanted: Bool) {
    guard isWanted else { return }
    nextTick = max(nextTick, next)
    isForAll = isForAll || !isForLearners
  }

  /// Notes what else than its utilisation decides a server's share.
  mutating func note(_ cause: ShareCause?, for name: ServerName) { causes[name] = cause }

  /// Whether nothing was decided for a server yet.
  func isOpen(_ view: ServerView) -> Bool { decided[view.server.name] == nil }

  func plan(_ verdict: Plan.Verdict) -> Plan {
    var plan = Plan(
      verdict: verdict, servers: listed.map(serverPlan), demandPerSecond: demandPerSecond,
      levelAimedAt: levelAimedAt, nextTick: nextTick)
    // What holds may have to learn of any.
    if case .hold = verdict {} else { plan.isForLearners = nextTick > .usual && !isForAll }
    plan.reach = reach
    plan.watchedHosts = watchedHosts
    return plan
  }

  /// The view of each server that was observed.
  private var listed: [ServerView] {
    // Mostly none stands there twice.
    guard names.count != views.count else { return views }
    let byName = Dictionary(views.map { ($0.server.name, $0) }) { first, _ in first }
    return names.compactMap { byName[$0] }
  }

  private func serverPlan(_ view: ServerView) -> ServerPlan {
    let name = view.server.name
    let undecided = view.hold.map(ServerPlan.Target.keep) ?? .share(view.server.share)
    var plan = ServerPlan(
      name: name, target: decided[name] ?? undecided, measured: view.load.measured,
      costPerRequest: view.cost, evidenceRequests: view.cost.map { _ in view.evidence },
      // One that drifts goes by small steps.
      tolerance: view.isLongBlind
        ? 0
        : band?.tolerance(evidence: view.evidence, isCorrected: view.server.response != 1) ?? 0)
    plan.cause = causes[name]
    plan.response = view.server.response
    return plan
  }
}

extension PlanDraft {
  /// Plans what is wished of the servers that can be seen, and lets those long unknown drift.
  ///
  /// - Parameter elapsed: seconds since the plan before.
  mutating func settle(
    _ wishes: [ShareTargets.Wish], among views: [ServerView], elapsed: Double, band: DeadBand,
    bounds: WeightBounds
  ) -> Plan.Verdict {
    let drifting = views.filter { $0.isControllable && $0.isLongBlind && isOpen($0) }
    let chosen = Set(wishes.map(\.view.server.name) + drifting.map(\.server.name))
    let scaleIsFree = views.allSatisfy {
      !$0.server.state.takesTraffic || chosen.contains($0.server.name)
    }
    let targets = ShareTargets(
      wishes, drifting: drifting, elapsed: elapsed, band: band, bounds: bounds,
      scaleIsFree: scaleIsFree)
    self.band = band
    for (name, share) in targets.shares { decide(.share(share), for: name) }
    return targets.areReached ? .level : .change
  }
}
