/// Learns what a request costs each server, and solves for the weights under which all would be
/// equally utilised, in one step.
///
/// A weight is a request rate, and what a request costs does not depend on it: cost can be averaged
/// over minutes, and late or slow samples make it late but never unstable.
package struct CapacityStrategy: Strategy, Hashable {
  private var meters = LoadMeters()
  private var records: [ServerName: ServerRecord] = [:]
  private var noise = RequestNoise()
  private var demand = Demand()

  package init() {}

  package mutating func plan(for observation: BackendObservation) -> Plan {
    let tick = Tick(observation)
    learn(from: tick)
    let views = views(in: tick)
    for view in views { records[view.server.name]?.reductions.note(view) }
    let up = views.filter(\.isControllable)
    let known = up.filter { $0.evidence >= CapacityConstants.fewRequests }
    var draft = PlanDraft(views, of: observation)
    draft.demandPerSecond = arrivals(of: views)

    guard up.count >= 2 else { return draft.plan(.hold(.nothingToLevel)) }
    guard up.allSatisfy({ $0.server.requests != nil }) else {
      reduce(up, in: &draft, tick)
      return draft.plan(.hold(.countersMissing))
    }
    draft.wantsQuickTick = isLearning(up, known: known.count, demand: draft.demandPerSecond)
    guard !known.isEmpty else { return draft.plan(.hold(.learning)) }
    reduce(up, in: &draft, tick)
    let levelled = up.filter(\.isLevelled)
    guard levelled.count >= 2, 2 * levelled.count >= up.count else {
      return draft.plan(.hold(.tooLittleFreshData(fresh: levelled.count, up: up.count)))
    }
    meters.updateNeighbours(views, in: tick)
    let demand = demand.observe(arrivals(of: levelled) ?? 0)
    guard demand > 0 else { return draft.plan(.hold(.idle)) }
    guard let solution = leveller(levelled, in: tick).solve(demand: demand) else {
      return draft.plan(.hold(.learning))
    }
    draft.levelAimedAt = solution.level
    let verdict = settle(solution.rates, for: levelled, among: views, in: &draft, tick)
    return draft.plan(verdict)
  }

  /// Writes the solution's shares into the draft, within what one tick may do.
  private func settle(
    _ rates: [Double], for levelled: [ServerView], among views: [ServerView],
    in draft: inout PlanDraft, _ tick: Tick
  ) -> Plan.Verdict {
    let total = rates.reduce(0, +)
    let trusted = CapacityConstants.trustedEvidence * CapacityConstants.fewRequests
    let wishes = zip(levelled, rates).map { view, rate in
      ShareTargets.Wish(
        view: view, share: rate / total,
        mayJump: !view.server.weightIsOurs && view.evidence >= trusted)
    }
    let band = DeadBand(noise: noise, leastEvidence: levelled.map(\.evidence).min() ?? 0)
    return draft.settle(wishes, among: views, band: band, bounds: tick.bounds)
  }

  /// The servers and their hosts, in the servers' order.
  private func leveller(_ levelled: [ServerView], in tick: Tick) -> Leveller {
    let servers = levelled.compactMap { view -> Leveller.Server? in
      guard let load = view.load.measured, let cost = view.cost else { return nil }
      return Leveller.Server(
        cost: cost, limitCores: load.limitCores,
        queueCores: queueCores(view, load, cost: cost, in: tick), host: load.host)
    }
    let names = servers.map { ($0.host, meters.host($0.host)) }
    return Leveller(
      servers: servers, hosts: Dictionary(names) { first, _ in first }.compactMapValues(\.self))
  }

  /// Cores that would clear a server's queue in one interval; 0 unless the queue is there for want
  /// of CPU. Where HAProxy empties queues itself, nothing is added.
  private func queueCores(
    _ view: ServerView, _ load: Load.Measured, cost: Double, in tick: Tick
  ) -> Double {
    guard tick.discipline == .rate, let inFlight = view.server.requests?.inFlight else { return 0 }
    let isBusy =
      load.cores > CapacityConstants.busyServer * load.limitCores
      || meters.fill(of: load.host, in: tick) ?? 0 > CapacityConstants.busyHost
    guard isBusy else { return 0 }
    return max(0, inFlight - CapacityConstants.idleInFlight) * cost / tick.interval
  }

  private mutating func reduce(_ up: [ServerView], in draft: inout PlanDraft, _ tick: Tick) {
    for view in up {
      let target = records[view.server.name]?.reductions.take(
        view, limitCores: meters.limitCores(of: view.server, in: tick), interval: tick.interval)
      if let target { draft.decide(target, for: view.server.name) }
    }
  }

  /// Whether ticks should come faster: the first seconds at wrong weights cost the longest queues.
  /// Nothing is learned faster from servers without a container, or without requests.
  private func isLearning(_ up: [ServerView], known: Int, demand: Double?) -> Bool {
    let measurable = up.filter { $0.server.container != nil }
    return 2 * known < measurable.count && demand ?? .infinity > 0
  }

  /// Requests a second; `nil` before anything was counted twice.
  private func arrivals(of views: [ServerView]) -> Double? {
    let rates = views.compactMap { records[$0.server.name]?.arrivals.perSecond }
    return rates.isEmpty ? nil : rates.reduce(0, +)
  }

  private func views(in tick: Tick) -> [ServerView] {
    let learners = tick.servers.compactMap { records[$0.name]?.cost }
    let fleet = FleetCost(learners)
    return tick.servers.map { server in
      let learner = records[server.name]?.cost ?? CostLearner()
      return ServerView(
        server: server, load: meters.load(of: server, in: tick),
        isLongBlind: meters.isLongBlind(server, in: tick), cost: fleet.cost(of: learner),
        evidence: learner.requests)
    }
  }
}

// MARK: - Learning

extension CapacityStrategy {
  /// What is kept of one server.
  private struct ServerRecord: Hashable, Codable, Sendable {
    var arrivals = ArrivalMeter()
    var answers = CounterHistory()
    var cost = CostLearner()
    var reductions = Reductions()
    var lastSeen: Timestamp
  }

  /// Takes in what was counted, of all servers, whatever their state.
  private mutating func learn(from tick: Tick) {
    for server in tick.servers {
      var record = records[server.name] ?? ServerRecord(lastSeen: tick.now)
      record.lastSeen = tick.now
      if let requests = server.requests {
        record.arrivals.add(requests.arrived, at: tick.now)
        record.answers.add(requests.done, at: tick.now)
      }
      records[server.name] = record
    }
    records = records.filter { !tick.isForgotten($0.value.lastSeen) }
    let windows = closeWindows(in: tick)
    let answered = windows.reduce(0) { $0 + $1.window.requests }
    let isActive = answered >= CapacityConstants.activeRequests * Double(max(windows.count, 1))
    var surprises: [Double] = []
    for (name, window) in windows {
      records[name]?.cost.fade(before: window, isActive: isActive)
      if let surprise = records[name]?.cost.surprise(of: window) { surprises.append(surprise) }
    }
    noise.observe(surprises)
    for (name, window) in windows { records[name]?.cost.learn(window, noise: noise) }
  }

  private mutating func closeWindows(
    in tick: Tick
  ) -> [(name: ServerName, window: CostLearner.Window)] {
    let records = records
    let outcomes = meters.update(tick) { server in
      // Without this tick's counters a window stays open: it closes later, over the gap.
      guard server.requests != nil else { return nil }
      return records[server.name]?.answers.beginning.map(CPUMeter.Start.notBefore)
    }
    return tick.servers.compactMap { server in
      guard let outcome = outcomes[server.name] else { return nil }
      if outcome.restarted { self.records[server.name]?.cost.restart() }
      guard let window = outcome.window,
        let answered = self.records[server.name]?.answers.answered(
          from: window.from, to: window.to)
      else { return nil }
      return (
        server.name,
        CostLearner.Window(
          cpuSeconds: window.cpuSeconds, requests: answered, seconds: window.seconds)
      )
    }
  }
}
