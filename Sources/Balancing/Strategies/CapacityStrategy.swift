/// Learns what a request costs each server, and solves for the weights under which all would be
/// equally utilised, in one step.
///
/// A weight is a request rate, and what a request costs does not depend on it: cost can be averaged
/// over minutes, and late or slow samples make it late but never unstable.
struct CapacityStrategy: Hashable, Codable, Sendable {
  var meters = LoadMeters()
  var records: [ServerName: ServerRecord] = [:]
  var noise = RequestNoise()
  var demand = Demand()
  /// Quick ticks left for learning.
  var haste = CapacityConstants.startTicks
  /// For another look at what may be a queue.
  var looks = QuickTickBudget(CapacityConstants.youngTicks)
  /// For what a server has yet to show.
  var trials = QuickTickBudget(CapacityConstants.youngTicks)
  var hasBegun = false
  var reloadedAt: Timestamp?
  var firstPlan = FirstPlan()
  var steadiness = Steadiness()
  var told = ToldCosts()
  private var reach = ReachMeter()
  private var watch = NeighbourWatch()
  var commonChange = CommonChange()
  var piles = PileWatch()

  mutating func plan(for tick: Tick) -> Plan {
    var tick = tick
    if watch.isUnderWay(at: tick.now, every: tick.watchSeconds) { tick.pace = tick.watchSeconds }
    var plan = plan(in: tick)
    var isCrowded: Bool? = !plan.watchedHosts.isEmpty
    if case .hold = plan.verdict { isCrowded = nil }
    plan.isWatching = watch.follow(isCrowded, at: tick.now, patience: tick.freshSeconds)
    if plan.isWatching {
      plan.nextTick = max(plan.nextTick, .watching)
      plan.isForLearners = false
    }
    return plan
  }

  private mutating func plan(in tick: Tick) -> Plan {
    let outcomes = learn(from: tick)
    let views = views(in: tick, outcomes)
    for view in views { records[view.server.name]?.blindBrake.note(view) }
    let up = views.filter(\.isControllable)
    let known = up.count { $0.evidence >= CapacityConstants.fewRequests }
    var draft = PlanDraft(views, in: tick)
    draft.demandPerSecond = tick.arrivalsPerSecond(of: views)

    guard up.count >= 2 else { return draft.plan(.hold(.nothingToLevel)) }
    reduce(up, in: &draft, tick)
    guard up.allSatisfy({ $0.server.requests != nil }) else {
      return draft.plan(.hold(.countersMissing))
    }
    draft.ask(
      for: .quick, isForLearners: true, if: isLearning(up, demand: draft.demandPerSecond))
    guard firstPlan.isUnderWay ? up.contains(where: { $0.cost != nil }) : known > 0 else {
      return draft.plan(.hold(.learning))
    }
    let fresh = up.count(where: \.isLevelled)
    guard fresh >= 2, 2 * fresh >= up.count else {
      return draft.plan(.hold(.tooLittleFreshData(fresh: fresh, up: up.count)))
    }
    let levelled = up.compactMap { LevelledServer($0, in: tick) }
    guard levelled.count == fresh, firstPlan.isUnderWay || 2 * known >= up.count else {
      return draft.plan(.hold(.learning))
    }
    let neighbours = meters.updateNeighbours(views, in: tick)
    draft.ask(for: .quick, if: neighbours.isOnTheMove)
    let demand = demand.observe(
      tick.arrivalsPerSecond(of: levelled.map(\.view)) ?? 0, at: tick.now, interval: tick.interval,
      memory: tick.memorySeconds)
    guard demand > 0 else { return draft.plan(.hold(.idle)) }
    // That a counter is doubted is no change of what is served.
    steadiness.observe(
      up.filter { $0.isLevelled || $0.server.doubt != nil }.map(\.server.name), demand: demand,
      isSettling: neighbours.hasStep
        || up.contains { records[$0.server.name]?.settling.isSettling == true }, at: tick.now)
    let piles = piles.find(among: levelled.map(\.view), in: tick)
    let queues = observeQueues(levelled, piles, in: tick)
    let leveller = leveller(levelled, queues, in: tick)
    let blame = ErrorPenalty.factors(levelled.map(\.counts.errors))
    let sparing = sparing(levelled, blame)
    guard let solution = leveller.solve(demand: demand, sparing: sparing) else {
      return draft.plan(.hold(.learning))
    }
    draft.levelAimedAt = solution.level
    if queues.allSatisfy({ $0 == nil }), sparing.allSatisfy({ $0 == 1 }) {
      observeReach(leveller, solution, levelled, demand: demand)
    }
    draft.reach = reach.reach
    for (server, cause) in zip(levelled, causes(levelled, queues, piles, blame)) {
      draft.note(cause, for: server.name)
    }
    let wishes = wishes(
      solution.rates, leverage: leveller.leverage(at: solution.level), piles: piles, for: levelled)
    let band = DeadBand(noise: noise, isCalm: steadiness.lasts(at: tick.now))
    let verdict = draft.settle(
      wishes, among: views, elapsed: meters.elapsed, band: band, bounds: tick.bounds)
    if firstPlan.isDue { setOut(at: tick.now) }
    draft.ask(for: .quick, if: tick.discipline.isByRate && isClearing(wishes, piles))
    draft.ask(for: .quick, if: isLookingTwice(levelled, in: tick))
    draft.ask(for: .quick, if: isTrying(levelled, in: tick))
    if tick.discipline.isByRate, tick.watchSeconds < tick.interval {
      draft.watchedHosts = crowdedHosts(leveller, solution.rates)
    }
    return draft.plan(verdict)
  }

  /// What each server is spared of: one that began anew, and one that fails what its peers do not.
  ///
  /// - Parameter blame: for what each fails, as ``ErrorPenalty`` has it.
  private func sparing(_ levelled: [LevelledServer], _ blame: [Double]) -> [Double] {
    zip(levelled, blame).map { server, blame in
      (records[server.name]?.settling.factor ?? 1) * blame
    }
  }

  /// What else than its utilisation decides each server's share.
  private func causes(
    _ levelled: [LevelledServer], _ queues: [QueuedWork?], _ piles: [Double?], _ blame: [Double]
  ) -> [ShareCause?] {
    levelled.indices.map { index in
      guard let record = records[levelled[index].name] else { return nil }
      if record.queue.isUnderWay { return .clearing(requests: queues[index]?.requests ?? 0) }
      if piles[index] != nil { return .piling }
      if blame[index] < 1 { return .failing }
      if record.settling.isSettling { return .young }
      return record.queue.shareBefore.map { _ in .cleared }
    }
  }

  /// The servers and their hosts, in the servers' order.
  private func leveller(
    _ levelled: [LevelledServer], _ queues: [QueuedWork?], in tick: Tick
  ) -> Leveller {
    let servers = zip(levelled, queues).map { one, queue in
      Leveller.Server(
        cost: queue?.cost ?? one.cost, limitCores: one.load.limitCores,
        queueCores: queue?.cores(over: tick.pace) ?? 0, host: one.load.host,
        mostPerSecond: one.server.mostPerSecond ?? .infinity)
    }
    let names = servers.map { ($0.host, meters.host($0.host, in: tick)) }
    let hosts = Dictionary(names) { first, _ in first }.compactMapValues(\.self)
    return Leveller(servers: servers, hosts: hosts)
  }

  /// Hosts on which neighbours come and go and that are full when these are all there: the seconds until
  /// they are seen are the tail.
  private func crowdedHosts(_ leveller: Leveller, _ rates: [Double]) -> Set<HostName> {
    var ours: [HostName: Double] = [:]
    for (server, rate) in zip(leveller.servers, rates) {
      ours[server.host, default: 0] += rate * server.cost
    }
    let crowded = ours.filter { host, cores in
      meters.neighboursThatComeAndGo(on: host).map {
        cores + $0 > CapacityConstants.watchedHost * (leveller.hosts[host]?.cores ?? .infinity)
      } ?? false
    }
    return Set(crowded.keys)
  }

  /// Holds what is planned against what this moment's neighbours alone would want, while nothing else
  /// but them and costs decides.
  private mutating func observeReach(
    _ leveller: Leveller, _ planned: Leveller.Solution, _ levelled: [LevelledServer], demand: Double
  ) {
    let configured = levelled.compactMap(\.server.configuredShare)
    guard configured.count == levelled.count, configured.count == planned.rates.count else {
      return
    }
    let measured = leveller.hosts.keys.reduce(into: [HostName: Leveller.Host]()) {
      $0[$1] = meters.hostAsMeasured($1)
    }
    guard let momentary = leveller.on(measured, solved: planned, for: demand) else { return }
    let shares = zip(configured.parts, zip(planned.rates.parts, momentary.rates.parts)).map {
      ReachMeter.Shares(configured: $0, planned: $1.0, momentary: $1.1)
    }
    reach.observe(shares, elapsed: meters.elapsed)
  }

  private mutating func reduce(_ up: [ServerView], in draft: inout PlanDraft, _ tick: Tick) {
    guard tick.discipline.isByRate else { return }
    for view in up {
      guard let backlog = tick.counts[view.server.name]?.backlog else { continue }
      let target = records[view.server.name]?.blindBrake.take(
        view, backlog, interval: tick.interval)
      if let target { draft.decide(target, for: view.server.name) }
    }
  }

  /// Whether ticks should come faster: the first seconds at wrong weights cost the longest queues.
  /// Nothing is learned faster from servers without a container, or without requests.
  private mutating func isLearning(_ up: [ServerView], demand: Double?) -> Bool {
    let isOpen = up.contains { view in
      view.server.container != nil
        && (view.evidence < CapacityConstants.fewRequests || view.load.measured == nil
          || records[view.server.name]?.settling.isSettling == true)
    }
    guard isOpen, demand ?? .infinity > 0, haste > 0 else { return false }
    haste -= 1
    return true
  }

  private func views(in tick: Tick, _ outcomes: [LoadMeters.Outcome]) -> [ServerView] {
    let fleet = FleetCost(
      tick.servers.compactMap { server in
        records[server.name].map { (cost: $0.cost, host: server.container?.host) }
      }, noise: noise)
    return zip(tick.servers, outcomes).map { server, outcome in
      let learner = records[server.name]?.cost ?? CostLearner()
      return ServerView(
        server: server, load: outcome.load, isLongBlind: outcome.isLongBlind,
        cost: firstPlan.isUnderWay
          ? fleet.mean : fleet.cost(of: learner, on: server.container?.host),
        evidence: learner.requests)
    }
  }
}

extension [Double] {
  /// Each as a part of their sum.
  fileprivate var parts: [Double] {
    let sum = reduce(0, +)
    return sum > 0 ? map { $0 / sum } : map { _ in 0 }
  }
}
