/// The rule of 2015, done right: half of the way to the weight under which a server would be as
/// utilised as the mean, if its utilisation were in proportion to its weight.
///
/// It needs no request counters, and swings when it acts twice on the same evidence: so it skips
/// servers whose measurement began before the last write.
package struct HalfwayStrategy: Strategy, Hashable {
  private var meters = LoadMeters()
  private var watches: [ServerName: RequestWatch] = [:]
  private var reductions: [ServerName: Reductions] = [:]

  package init() {}

  package mutating func plan(for observation: BackendObservation) -> Plan {
    let tick = Tick(observation)
    _ = meters.update(tick) { _ in .preferablyAfter(tick.lastWrite) }
    let views = tick.servers.map { server in
      ServerView(
        server: server, load: meters.load(of: server, in: tick),
        isLongBlind: meters.isLongBlind(server, in: tick))
    }
    count(views, in: tick)
    let up = views.filter(\.isControllable)
    var draft = PlanDraft(views, of: observation)
    draft.demandPerSecond = arrivalsPerSecond

    guard up.count >= 2 else { return draft.plan(.hold(.nothingToLevel)) }
    for view in up {
      guard let watch = watches[view.server.name] else { continue }
      let target = reductions[view.server.name]?.take(view, watch, interval: tick.interval)
      if let target { draft.decide(target, for: view.server.name) }
    }
    let fresh = up.filter(\.isLevelled)
    guard fresh.count >= 2, 2 * fresh.count >= up.count else {
      return draft.plan(.hold(.tooLittleFreshData(fresh: fresh.count, up: up.count)))
    }
    let mean = fresh.reduce(0) { $0 + $1.utilisation } / Double(fresh.count)
    guard mean > Self.leastUtilisation, !isIdle(up) else { return draft.plan(.hold(.idle)) }
    let current = fresh.filter { $0.began(after: tick.lastWrite) }
    for view in fresh where !view.began(after: tick.lastWrite) {
      draft.decide(.keep(.sampleBeforeLastWrite), for: view.server.name)
    }
    guard current.count >= 2, 2 * current.count >= up.count else {
      return draft.plan(.hold(.awaitingSamplesSinceWrite))
    }
    let wishes = wishes(for: current, mean: mean)
    let verdict = draft.settle(wishes, among: views, band: DeadBand(), bounds: tick.bounds)
    return draft.plan(verdict)
  }

  private func wishes(for current: [ServerView], mean: Double) -> [ShareTargets.Wish] {
    let watches = current.map { self.watches[$0.server.name] ?? RequestWatch() }
    let blame = ErrorPenalty.factors(watches.map(\.errors))
    let piles = PileUp.find(watches.map(\.sojourn))
    let total = current.reduce(0) { $0 + $1.server.share }
    let floor = CapacityConstants.floor * total / Double(current.count)
    return current.indices.map { index in
      let view = current[index]
      let wanted = view.server.share * Self.step(view.utilisation, mean: mean) * blame[index]
      return ShareTargets.Wish(
        view: view, share: max(wanted, floor), rise: piles[index] == nil ? .stepwise() : .none)
    }
  }

  /// Half of the way from 1 to mean ÷ utilisation, and at most twice.
  private static func step(_ utilisation: Double, mean: Double) -> Double {
    let wanted = mean / max(utilisation, leastUtilisation)
    return min(1 + (wanted - 1) / 2, CapacityConstants.step)
  }

  /// Keeps divisions sane; whoever uses less is idle.
  private static let leastUtilisation = 1e-6

  private mutating func count(_ views: [ServerView], in tick: Tick) {
    var watches: [ServerName: RequestWatch] = [:]
    var reductions: [ServerName: Reductions] = [:]
    for view in views {
      let name = view.server.name
      var watch = self.watches[name] ?? RequestWatch()
      if let requests = view.server.requests { watch.add(requests, in: tick) }
      watches[name] = watch
      var reduction = self.reductions[name] ?? Reductions()
      reduction.note(view)
      reductions[name] = reduction
    }
    (self.watches, self.reductions) = (watches, reductions)
  }

  /// `nil` before anything was counted twice.
  private var arrivalsPerSecond: Double? {
    let rates = watches.sorted { $0.key < $1.key }.compactMap(\.value.arrivals.perSecond)
    return rates.isEmpty ? nil : rates.reduce(0, +)
  }

  /// Whether HAProxy's counters say of every server that nothing came and nothing is in flight.
  private func isIdle(_ up: [ServerView]) -> Bool {
    up.allSatisfy { view in
      view.server.requests?.inFlight == 0
        && watches[view.server.name]?.arrivals.perSecond == 0
    }
  }
}

extension ServerView {
  /// 0 where nothing is measured.
  fileprivate var utilisation: Double { load.measured?.utilisation.value ?? 0 }

  /// Whether it was measured under the weights that stand.
  fileprivate func began(after lastWrite: Timestamp?) -> Bool {
    guard let lastWrite, let load = load.measured else { return true }
    return load.began > lastWrite
  }
}
