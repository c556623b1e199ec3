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

  mutating func plan(for tick: Tick) -> Plan { look(at: tick).plan() }

  /// Takes a tick in, whether or not a plan is made of it.
  ///
  /// - Parameter isPatient: whether to go by minutes and write seldom, as sessions outlive a tick:
  ///   what a weight brings is seen only when they end.
  mutating func look(at tick: Tick, isPatient: Bool = false) -> HalfwayLook {
    let outcomes = meters.update(tick) { _ in .preferablyAfter(tick.lastWrite) }
    let views = zip(tick.servers, outcomes).map { server, outcome in
      ServerView(server: server, load: outcome.load, isLongBlind: outcome.isLongBlind)
    }
    note(views)
    var draft = PlanDraft(views, in: tick)
    let outcome = outcome(for: views, in: tick, isPatient: isPatient, &draft)
    return HalfwayLook(
      tick: tick, views: views, elapsed: meters.elapsed, draft: draft, outcome: outcome)
  }

  private mutating func outcome(
    for views: [ServerView], in tick: Tick, isPatient: Bool, _ draft: inout PlanDraft
  ) -> HalfwayLook.Outcome {
    let up = views.filter(\.isControllable)
    guard up.count >= 2 else { return .hold(.nothingToLevel) }
    for view in up {
      guard let backlog = tick.counts[view.server.name]?.backlog else { continue }
      let target = blindBrake[view.server.name]?.take(view, backlog, interval: tick.interval)
      if let target { draft.decide(target, for: view.server.name) }
    }
    let fresh = up.filter(\.isLevelled)
    guard fresh.count >= 2, 2 * fresh.count >= up.count else {
      return .hold(.tooLittleFreshData(fresh: fresh.count, up: up.count))
    }
    let utilisations = Dictionary(
      fresh.map { ($0.server.name, isPatient ? slow[$0.server.name] ?? 0 : $0.utilisation) },
      uniquingKeysWith: { first, _ in first })
    let mean =
      fresh.reduce(0) { $0 + (utilisations[$1.server.name] ?? 0) } / Double(fresh.count)
    guard mean > 0, !isIdle(up, in: tick) else { return .hold(.idle) }
    let current = fresh.filter { $0.began(after: tick.lastWrite) }
    for view in fresh where !view.began(after: tick.lastWrite) {
      draft.decide(.keep(.sampleBeforeLastWrite), for: view.server.name)
    }
    let sinceWrite = tick.lastWrite.map { tick.now.seconds(since: $0) } ?? .infinity
    guard current.count >= 2, 2 * current.count >= up.count,
      !isPatient || sinceWrite >= CapacityConstants.usualSeconds
    else {
      return .hold(.awaitingSamplesSinceWrite)
    }
    return .level(
      HalfwayLook.Levelled(
        servers: current, utilisations: utilisations, mean: mean,
        piles: piles.find(among: current, besides: views, in: tick)))
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
