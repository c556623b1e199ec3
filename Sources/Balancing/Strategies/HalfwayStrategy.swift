/// The rule of 2015, done right: half of the way to the weight under which a server would be as
/// utilised as the mean, if its utilisation were in proportion to its weight.
///
/// It needs no request counters, and swings when it acts twice on the same evidence: so it skips
/// servers whose measurement began before the last write.
struct HalfwayStrategy: Hashable, Codable, Sendable {
  private var meters = LoadMeters()
  private var piles = PileWatch()
  private var blindBrake: [ServerName: BlindBrake] = [:]
  /// Utilisation of each server over minutes.
  private var slow: [ServerName: Double] = [:]

  /// Forgets a server whose name has become another's.
  mutating func forget(_ server: ServerName) {
    meters.forget(server)
    piles.forget(server)
    (blindBrake[server], slow[server]) = (nil, nil)
  }

  /// - Parameter isPatient: whether to go by minutes and write seldom, as sessions outlive a tick:
  ///   what a weight brings is seen only when they end.
  mutating func plan(for tick: Tick, isPatient: Bool = false) -> Plan {
    _ = meters.update(tick) { _ in .preferablyAfter(tick.lastWrite) }
    let views = tick.servers.map { server in
      ServerView(
        server: server, load: meters.load(of: server, in: tick),
        isLongBlind: meters.isLongBlind(server, in: tick))
    }
    note(views)
    let up = views.filter(\.isControllable)
    var draft = PlanDraft(views, in: tick)
    draft.demandPerSecond = tick.arrivalsPerSecond(of: views)

    guard up.count >= 2 else { return draft.plan(.hold(.nothingToLevel)) }
    for view in up {
      guard let backlog = tick.counts[view.server.name]?.backlog else { continue }
      let target = blindBrake[view.server.name]?.take(view, backlog, interval: tick.interval)
      if let target { draft.decide(target, for: view.server.name) }
    }
    let fresh = up.filter(\.isLevelled)
    guard fresh.count >= 2, 2 * fresh.count >= up.count else {
      return draft.plan(.hold(.tooLittleFreshData(fresh: fresh.count, up: up.count)))
    }
    let utilisations = Dictionary(
      fresh.map { ($0.server.name, isPatient ? slow[$0.server.name] ?? 0 : $0.utilisation) },
      uniquingKeysWith: { first, _ in first })
    let mean =
      fresh.reduce(0) { $0 + (utilisations[$1.server.name] ?? 0) } / Double(fresh.count)
    guard mean > 0, !isIdle(up, in: tick) else { return draft.plan(.hold(.idle)) }
    let current = fresh.filter { $0.began(after: tick.lastWrite) }
    for view in fresh where !view.began(after: tick.lastWrite) {
      draft.decide(.keep(.sampleBeforeLastWrite), for: view.server.name)
    }
    let sinceWrite = tick.lastWrite.map { tick.now.seconds(since: $0) } ?? .infinity
    guard current.count >= 2, 2 * current.count >= up.count,
      !isPatient || sinceWrite >= CapacityConstants.usualSeconds
    else {
      return draft.plan(.hold(.awaitingSamplesSinceWrite))
    }
    let piles = piles.find(among: current, besides: views, in: tick)
    let wishes = wishes(for: current, utilisations, mean: mean, piles: piles, in: tick)
    let verdict = draft.settle(
      wishes, among: views, elapsed: meters.elapsed, band: DeadBand(), bounds: tick.bounds)
    return draft.plan(verdict)
  }

  private func wishes(
    for current: [ServerView], _ utilisations: [ServerName: Double], mean: Double,
    piles: [Double?], in tick: Tick
  ) -> [ShareTargets.Wish] {
    let blame = ErrorPenalty.factors(
      current.map { tick.counts[$0.server.name]?.errors ?? ErrorMeter() })
    let total = current.reduce(0) { $0 + $1.server.share }
    let floor = CapacityConstants.floor * total / Double(current.count)
    return current.indices.map { index in
      let view = current[index]
      let utilisation = utilisations[view.server.name] ?? mean
      let wanted = view.server.share * Self.step(utilisation, mean: mean) * blame[index]
      return ShareTargets.Wish(
        view: view, share: max(wanted, floor),
        rise: piles[index] == nil && view.server.doubt == nil ? .stepwise() : .none)
    }
  }

  /// Half of the way from 1 to mean ÷ utilisation, and at most twice.
  private static func step(_ utilisation: Double, mean: Double) -> Double {
    let wanted = mean / utilisation
    return min(1 + (wanted - 1) / 2, CapacityConstants.step)
  }

  private mutating func note(_ views: [ServerView]) {
    var blindBrake: [ServerName: BlindBrake] = [:]
    var slow: [ServerName: Double] = [:]
    let gain = Fading.gain(after: meters.elapsed, memory: CapacityConstants.evidenceSeconds)
    for view in views {
      let name = view.server.name
      var reduction = self.blindBrake[name] ?? BlindBrake()
      reduction.note(view)
      blindBrake[name] = reduction
      let before = self.slow[name]
      slow[name] =
        view.load.measured.map { load in
          before.map { $0 + gain * (load.utilisation.value - $0) } ?? load.utilisation.value
        } ?? before
    }
    (self.blindBrake, self.slow) = (blindBrake, slow)
  }

  /// Whether HAProxy's counters say of every server that nothing came and nothing is in flight.
  private func isIdle(_ up: [ServerView], in tick: Tick) -> Bool {
    up.allSatisfy { view in
      view.server.requests?.inFlight == 0
        && tick.counts[view.server.name]?.backlog.arrivalsPerSecond == 0
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
