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
  /// Quick ticks left for learning, and for clearing a queue.
  private var haste = CapacityConstants.startTicks
  private var clearing = CapacityConstants.clearingTicks
  /// For another look at what may be a queue.
  private var looks = QuickTickBudget(CapacityConstants.lookTicks)
  /// For what a server has yet to show.
  private var trials = QuickTickBudget(CapacityConstants.lookTicks)
  private var hasBegun = false
  private var reloadedAt: Timestamp?
  private var firstPlan = FirstPlan()
  private var steadiness = Steadiness()
  private var told = ToldCosts()
  private var reach = ReachMeter()
  private var watch = NeighbourWatch()
  private var commonChange = CommonChange()

  package init() {}

  /// What a later run can go on from.
  var learned: LearnedCosts {
    var learned = LearnedCosts()
    learned.noise = noise
    let neighbours = meters.neighbourStates
    learned.neighbours = neighbours.isEmpty ? nil : neighbours
    for (name, record) in records {
      learned.servers[name] = LearnedCosts.Server(
        cost: record.cost.lasting, container: meters.container(of: name))
    }
    return learned
  }

  /// Goes on from what an earlier run learned. All else begins anew: no weight is planned before
  /// there are fresh samples.
  mutating func resume(_ learned: LearnedCosts, at now: Timestamp) {
    noise = learned.noise
    for (name, server) in learned.servers {
      var record = ServerRecord(lastSeen: now)
      record.cost = server.cost
      records[name] = record
      meters.resume(name, with: server.container, at: now)
    }
    for (host, states) in learned.neighbours ?? [:] {
      meters.resume(host, with: states, at: now)
    }
    guard learned.count > 0 else { return }
    hasBegun = true
    firstPlan.skip()
  }

  /// What others may be told of it: costs that requests counted here have borne out.
  func costsToTell(at now: Timestamp) -> [ServerName: ToldCost] {
    records.compactMapValues { record in
      guard let learnedAt = record.learnedAt, record.cost.requests > 0 else { return nil }
      return ToldCost(
        secondsPerRequest: record.cost.cpuSeconds / record.cost.requests,
        requests: record.cost.requests, ageSeconds: max(0, now.seconds(since: learnedAt)))
    }
  }

  /// Takes in what peers have learned: it helps where nothing was learned here.
  mutating func hear(_ told: [ServerName: ToldCost]) {
    self.told.note(told) { (records[$0]?.cost.requests ?? 0) == 0 }
  }

  /// Forgets a server whose name has become another's.
  mutating func forget(_ server: ServerName) {
    records[server] = nil
    told.forget(server)
    meters.forget(server)
  }

  package mutating func plan(for observation: BackendObservation) -> Plan {
    let tick = Tick(observation, watch: watch)
    var plan = plan(for: observation, in: tick)
    var isCrowded: Bool? = !plan.watchedHosts.isEmpty
    if case .hold = plan.verdict { isCrowded = nil }
    plan.isWatching = watch.follow(isCrowded, at: tick.now, patience: tick.freshSeconds)
    if plan.isWatching { plan.nextTick = max(plan.nextTick, .watching) }
    return plan
  }

  private mutating func plan(for observation: BackendObservation, in tick: Tick) -> Plan {
    learn(from: tick)
    let views = views(in: tick)
    for view in views { records[view.server.name]?.blindBrake.note(view) }
    let up = views.filter(\.isControllable)
    let known = up.filter { $0.evidence >= CapacityConstants.fewRequests }
    var draft = PlanDraft(views, of: observation)
    draft.demandPerSecond = arrivals(of: views)

    guard up.count >= 2 else { return draft.plan(.hold(.nothingToLevel)) }
    reduce(up, in: &draft, tick)
    guard up.allSatisfy({ $0.server.requests != nil }) else {
      return draft.plan(.hold(.countersMissing))
    }
    draft.ask(for: .quick, if: isLearning(up, demand: draft.demandPerSecond))
    guard firstPlan.isUnderWay ? up.contains(where: { $0.cost != nil }) : !known.isEmpty else {
      return draft.plan(.hold(.learning))
    }
    let levelled = up.filter(\.isLevelled)
    guard levelled.count >= 2, 2 * levelled.count >= up.count else {
      return draft.plan(.hold(.tooLittleFreshData(fresh: levelled.count, up: up.count)))
    }
    guard firstPlan.isUnderWay || 2 * known.count >= up.count else {
      return draft.plan(.hold(.learning))
    }
    let neighbours = meters.updateNeighbours(views, in: tick)
    draft.ask(for: .quick, if: neighbours.isOnTheMove)
    let demand = demand.observe(
      arrivals(of: levelled) ?? 0, at: tick.now, interval: tick.interval)
    guard demand > 0 else { return draft.plan(.hold(.idle)) }
    // That a counter is doubted is no change of what is served.
    steadiness.observe(
      up.filter { $0.isLevelled || $0.server.doubt != nil }.map(\.server.name), demand: demand,
      isSettling: neighbours.hasStep
        || up.contains { records[$0.server.name]?.settling.isSettling == true }, at: tick.now)
    let piles = PileUp.find(levelled.map { records[$0.server.name]?.watch.sojourn ?? Sojourn() })
    let found = Dictionary(zip(levelled.map(\.server.name), piles)) { first, _ in first }
    for view in views { records[view.server.name]?.watch.note(found[view.server.name] ?? nil) }
    let queues = observeQueues(levelled, piles, in: tick)
    let leveller = leveller(levelled, queues, in: tick)
    let blame = ErrorPenalty.factors(
      levelled.map { records[$0.server.name]?.watch.errors ?? ErrorMeter() })
    let sparing = sparing(levelled, blame)
    guard let solution = leveller.solve(demand: demand, sparing: sparing) else {
      return draft.plan(.hold(.learning))
    }
    draft.levelAimedAt = solution.level
    if queues.allSatisfy({ $0 == nil }), sparing.allSatisfy({ $0 == 1 }) {
      observeReach(leveller, solution, levelled, demand: demand)
    }
    draft.reach = reach.reach
    for (view, cause) in zip(levelled, causes(levelled, queues, piles, blame)) {
      draft.note(cause, for: view.server.name)
    }
    let wishes = wishes(
      solution.rates, leverage: leveller.leverage(at: solution.level), piles: piles, for: levelled)
    let band = DeadBand(noise: noise, isCalm: steadiness.lasts(at: tick.now))
    let verdict = draft.settle(
      wishes, among: views, elapsed: meters.elapsed, band: band, bounds: tick.bounds)
    if firstPlan.isDue { setOut(at: tick.now) }
    draft.ask(
      for: .quick, if: tick.discipline == .rate && isClearing(wishes, level: solution.level))
    draft.ask(for: .quick, if: isLookingTwice(levelled, in: tick))
    draft.ask(for: .quick, if: isTrying(levelled, in: tick))
    if tick.discipline == .rate, tick.watchSeconds < tick.interval {
      draft.watchedHosts = crowdedHosts(leveller, solution.rates)
    }
    return draft.plan(verdict)
  }

  /// What was learned under weights that others chose is not gone on with.
  private mutating func setOut(at now: Timestamp) {
    firstPlan.begin(at: now)
    for name in records.keys { records[name]?.cost.restart() }
  }

  /// What each server is spared of: one that began anew, and one that fails what its peers do not.
  ///
  /// - Parameter blame: for what each fails, as ``ErrorPenalty`` has it.
  private func sparing(_ levelled: [ServerView], _ blame: [Double]) -> [Double] {
    zip(levelled, blame).map { view, blame in
      (records[view.server.name]?.settling.factor ?? 1) * blame
    }
  }

  /// What else than its utilisation decides each server's share.
  private func causes(
    _ levelled: [ServerView], _ queues: [Queue?], _ piles: [PileUp?], _ blame: [Double]
  ) -> [ShareCause?] {
    levelled.indices.map { index in
      guard let record = records[levelled[index].server.name] else { return nil }
      if record.queue.isUnderWay { return .clearing(requests: queues[index]?.requests ?? 0) }
      if piles[index] != nil { return .piling }
      if blame[index] < 1 { return .failing }
      if record.settling.isSettling { return .young }
      return record.queue.shareBefore.map { _ in .cleared }
    }
  }

  /// What the solution's rates mean for each server, within what one tick may do.
  private mutating func wishes(
    _ rates: [Double], leverage: [Double], piles: [PileUp?], for levelled: [ServerView]
  ) -> [ShareTargets.Wish] {
    let total = rates.reduce(0, +)
    let limits = levelled.map { $0.load.measured?.limitCores ?? 0 }
    let limit = limits.reduce(0, +)
    let standing = levelled.reduce(0) { $0 + $1.server.share }
    return levelled.indices.map { index in
      let view = levelled[index]
      let share = max(rates[index] / total, CapacityConstants.floor * limits[index] / limit)
      // While a spell lasts, what is wished is not its due yet.
      if records[view.server.name]?.busy == nil {
        records[view.server.name]?.queue.note(
          wish: share * standing, standing: view.server.share)
      }
      return ShareTargets.Wish(
        view: view, share: share,
        rise: piles[index] == nil ? rise(of: view, among: standing) : .none,
        leverage: leverage[index])
    }
  }

  /// - Parameter shares: those of all that are levelled, together.
  private func rise(of view: ServerView, among shares: Double) -> ShareLimits.Rise {
    // What may only look cheap is not given more.
    guard view.server.doubt == nil else { return .none }
    let trusted = CapacityConstants.trustedEvidence * CapacityConstants.fewRequests
    if !view.server.weightIsOurs, view.evidence >= trusted { return .free }
    let record = records[view.server.name]
    let measured = view.load.measured.flatMap { record?.shares.share(at: $0.middle) }
    return .stepwise(
      measured: measured ?? .infinity, before: record?.queue.shareBefore ?? 0,
      most: mostTried(of: view, among: shares))
  }

  /// The share under which a server without a quota would use a little more than it was seen to use: a
  /// limit of which nobody tells shows before it hurts.
  private func mostTried(of view: ServerView, among shares: Double) -> Double {
    shareShown(of: view, among: shares).map { DoubtConstants.trialStep * $0 } ?? .infinity
  }

  /// The share that a server without a quota was seen to serve; `nil` where a quota tells.
  private func shareShown(of view: ServerView, among shares: Double) -> Double? {
    guard let container = view.server.container, container.quotaCores == nil,
      let load = view.load.measured, let cost = view.cost, cost > 0,
      let arrivals = demand.perSecond, arrivals > 0
    else { return nil }
    return max(container.shownCores ?? 0, load.cores) / (cost * arrivals) * shares
  }

  /// Whether a server has been given more than it was seen to serve, and is to be looked at before long.
  private mutating func isTrying(_ levelled: [ServerView], in tick: Tick) -> Bool {
    guard tick.discipline == .rate, let lastWrite = tick.lastWrite,
      tick.now.seconds(since: lastWrite) <= 2 * tick.interval
    else { return false }
    let standing = levelled.reduce(0) { $0 + $1.server.share }
    let isBeyond = levelled.contains { view in
      // Half of the step: the demand alone is a little beyond its highest now and then.
      shareShown(of: view, among: standing).map {
        view.server.share > (1 + DoubtConstants.trialStep) / 2 * $0
      } ?? false
    }
    return trials.take(if: isBeyond, of: CapacityConstants.lookTicks)
  }

  /// A server's queue that is being cleared, if there is one, and what its requests cost by it.
  private struct Queue {
    var requests: Double
    /// CPU seconds a request.
    var cost: Double
  }

  /// - Returns: for each server the queue that is being cleared, or else what its answers have told
  ///   of its cost, if there is either.
  private mutating func observeQueues(
    _ levelled: [ServerView], _ piles: [PileUp?], in tick: Tick
  ) -> [Queue?] {
    // What the quickest server takes for a request is no queue elsewhere: sessions may last.
    let calmSeconds =
      levelled.compactMap { records[$0.server.name]?.watch.sojourn.usualSeconds }.min() ?? 0
    return zip(levelled, piles).map { view, pile in
      guard let load = view.load.measured, let cost = view.cost,
        var record = records[view.server.name]
      else { return nil }
      let pile = tick.discipline == .rate ? pile : nil
      let usual = calmSeconds * (record.watch.arrivals.perSecond ?? 0)
      var queue = Queue(requests: max(0, queued(view, load, in: tick) - usual), cost: cost)
      if let pile {
        let answers = record.watch.answers.perSecond ?? 0
        queue.cost = max(cost, load.limitCores / max(answers, CapacityConstants.leastAnswers))
        queue.requests = max(queue.requests, pile.excess)
      }
      record.queue.observe(
        intervals: queue.requests * queue.cost / load.limitCores / tick.pace,
        byChance: chanceQueue(load, cost: queue.cost, in: tick), share: view.server.share)
      record.followSpell(isPiled: pile != nil, sampledSince: load.began, at: tick.now)
      let told = record.busy?.cost(
        record.work.history, limitCores: load.limitCores, beyond: cost, of: view.evidence,
        noise: noise)
      records[view.server.name] = record
      guard record.queue.isUnderWay else { return told.map { Queue(requests: 0, cost: $0) } }
      queue.cost = max(queue.cost, told ?? 0)
      return queue
    }
  }

  /// Intervals of a server's CPU that wait by chance; none while there may be another reason.
  private func chanceQueue(_ load: Load.Measured, cost: Double, in tick: Tick) -> Double {
    guard steadiness.lasts(at: tick.now), tick.discipline == .rate else { return 0 }
    return
      (load.isLate(in: tick) ? CapacityConstants.lateChanceQueues : CapacityConstants.chanceQueues)
      * ChanceQueue.meanIntervals(
        utilisation: load.utilisation.value, noise: noise,
        serviceSeconds: cost / load.limitCores, interval: tick.pace)
  }

  /// The servers and their hosts, in the servers' order.
  private func leveller(
    _ levelled: [ServerView], _ queues: [Queue?], in tick: Tick
  ) -> Leveller {
    let servers = zip(levelled, queues).compactMap { view, queue -> Leveller.Server? in
      guard let load = view.load.measured, let cost = view.cost else { return nil }
      return Leveller.Server(
        cost: queue?.cost ?? cost, limitCores: load.limitCores,
        queueCores: queue.map { $0.requests * $0.cost / tick.pace } ?? 0, host: load.host,
        mostPerSecond: view.server.mostPerSecond ?? .infinity)
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
    _ leveller: Leveller, _ planned: Leveller.Solution, _ levelled: [ServerView], demand: Double
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

  /// Requests that wait for want of CPU, to be cleared before the next look. Where HAProxy empties queues
  /// itself, none are counted, nor where so few requests come that none can be withheld.
  private func queued(_ view: ServerView, _ load: Load.Measured, in tick: Tick) -> Double {
    let arrivals = records[view.server.name]?.watch.arrivals.perSecond ?? 0
    let canClear =
      arrivals * tick.pace >= CapacityConstants.activeRequests
      || records[view.server.name]?.queue.isUnderWay == true
    guard tick.discipline == .rate, canClear,
      let inFlight = view.server.requests?.inFlight
    else { return 0 }
    let isBusy =
      load.cores > CapacityConstants.busyServer * load.limitCores
      || meters.fill(of: load.host, in: tick) ?? 0 > CapacityConstants.busyHost
    return isBusy ? max(0, inFlight - CapacityConstants.idleInFlight) : 0
  }

  private mutating func reduce(_ up: [ServerView], in draft: inout PlanDraft, _ tick: Tick) {
    guard tick.discipline == .rate else { return }
    for view in up {
      guard let record = records[view.server.name] else { continue }
      let target = records[view.server.name]?.blindBrake.take(
        view, record.watch, interval: tick.interval)
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

  /// Whether a queue is being cleared that can be: its end is not to be missed, nor is that of the
  /// pile that keeps a server below its due afterwards.
  private mutating func isClearing(_ wishes: [ShareTargets.Wish], level: Double) -> Bool {
    let standing = wishes.reduce(0) { $0 + $1.view.server.share }
    let isQueued = wishes.contains { wish in
      records[wish.view.server.name]?.queue.isUnderWay == true
        || wish.rise == .none
          && wish.share * standing > CapacityConstants.step * wish.view.server.share
    }
    guard isQueued, level < 1 else {
      if !isQueued { clearing = CapacityConstants.clearingTicks }
      return false
    }
    guard clearing > 0 else { return false }
    clearing -= 1
    return clearing > 0
  }

  /// Whether a queue might be one, where samples will tell of its reason much later.
  private mutating func isLookingTwice(_ levelled: [ServerView], in tick: Tick) -> Bool {
    let isDoubtful = levelled.contains { view in
      records[view.server.name]?.queue.isDoubtful == true
        && view.load.measured?.isLate(in: tick) == true
    }
    return looks.take(if: isDoubtful, of: CapacityConstants.lookTicks)
  }

  /// Requests a second; `nil` before anything was counted twice.
  private func arrivals(of views: [ServerView]) -> Double? {
    let rates = views.compactMap { records[$0.server.name]?.watch.arrivals.perSecond }
    return rates.isEmpty ? nil : rates.reduce(0, +)
  }

  private func views(in tick: Tick) -> [ServerView] {
    let fleet = FleetCost(
      tick.servers.compactMap { server in
        records[server.name].map { (cost: $0.cost, host: server.container?.host) }
      }, noise: noise)
    return tick.servers.map { server in
      let learner = records[server.name]?.cost ?? CostLearner()
      return ServerView(
        server: server, load: meters.load(of: server, in: tick),
        isLongBlind: meters.isLongBlind(server, in: tick),
        cost: firstPlan.isUnderWay
          ? fleet.mean : fleet.cost(of: learner, on: server.container?.host),
        evidence: learner.requests)
    }
  }
}

// MARK: - Learning

extension CapacityStrategy {
  /// What is kept of one server.
  private struct ServerRecord: Hashable, Codable, Sendable {
    var watch = RequestWatch()
    /// What its container does, for other backends too.
    var work = AnsweredWork()
    var settling = Settling()
    var queue = QueueClearing()
    var cost = CostLearner()
    /// What it was when a balancer was reloaded last.
    var costAtReload: CostLearner?
    var busy: SaturatedTime?
    var blindBrake = BlindBrake()
    var shares = ShareHistory()
    var lastSeen: Timestamp
    /// When a window of requests counted here taught its cost last.
    var learnedAt: Timestamp?

    func rememberingCost() -> Self {
      var record = self
      record.costAtReload = cost
      return record
    }

    /// A spell begins with a queue that is worth clearing, after the poll before this one, and lasts
    /// until samples tell as much.
    ///
    /// - Parameter began: when the newest measurement of CPU use did.
    mutating func followSpell(isPiled: Bool, sampledSince began: Timestamp, at now: Timestamp) {
      if isPiled {
        guard queue.isUnderWay || busy != nil,
          let start = busy?.began ?? work.history.pollBefore(now)
        else { return }
        busy = SaturatedTime(began: max(start, began), ended: now)
      } else if let start = busy?.began, began >= start {
        busy = nil
      }
    }
  }

  /// Takes in what was counted, of all servers, whatever their state.
  private mutating func learn(from tick: Tick) {
    if tick.reloadedAt != reloadedAt {
      reloadedAt = tick.reloadedAt
      records = records.mapValues { $0.rememberingCost() }
    }
    for server in tick.servers {
      let known = records[server.name]
      var record = known ?? ServerRecord(lastSeen: tick.now)
      record.lastSeen = tick.now
      record.shares.add(server.share, at: tick.now)
      if let requests = server.requests {
        record.watch.add(requests, in: tick)
      }
      if let work = server.work {
        record.work.add(work, in: tick)
      }
      if server.state.isAway || (known == nil && hasBegun) {
        beginAnew(&record)
      }
      if server.doubt == .uncounted, let before = record.costAtReload {
        // What was learned since was an old process's work, too.
        record.cost = before
      }
      records[server.name] = record
    }
    hasBegun = true
    records = records.filter { !tick.isForgotten($0.value.lastSeen) }
    let windows = closeWindows(in: tick)
    let all = CostLearner.Window.sum(windows.map(\.window))
    let activity = min(1, all.requests / (all.seconds * CapacityConstants.activePerSecond))
    for (name, window) in windows {
      records[name]?.cost.fade(before: window, activity: activity)
      records[name]?.settling.age(by: window.seconds)
    }
    if followCommonChange(windows, in: tick) {
      let surprises = windows.compactMap { name, window in
        records[name]?.cost.surprise(of: window)
      }
      noise.observe(surprises, over: all.seconds / Double(max(windows.count, 1)))
      for (name, window) in windows {
        records[name]?.cost.learn(window, noise: noise)
        if window.requests >= 1 { records[name]?.learnedAt = tick.now }
        told.observe(window, of: name)
      }
      believeTold()
    }
    let known = records.values.filter { $0.cost.requests >= CapacityConstants.fewRequests }
    firstPlan.note(isKnown: 2 * known.count >= records.count, in: tick)
  }

  /// A factor in what all cost is taken over by all at once, those that have no window in this tick too.
  ///
  /// - Returns: whether the windows may be learned from.
  private mutating func followCommonChange(
    _ windows: [(name: ServerName, window: CostLearner.Window)], in tick: Tick
  ) -> Bool {
    guard !windows.isEmpty else { return true }
    let servers = windows.compactMap { name, window in
      records[name].map { CommonChange.Server(known: $0.cost, window: window) }
    }
    let known = records.values.filter { $0.cost.requests >= CapacityConstants.fewRequests }
    switch commonChange.follow(
      servers, of: known.count, noise: noise, at: tick.now, interval: tick.interval)
    {
    case .none: return true
    case .unconfirmed: return false
    case .factor(let factor):
      for name in records.keys { records[name]?.cost.change(by: factor) }
      return true
    }
  }

  /// Goes on from what peers have learned, once our own counters bear it out.
  private mutating func believeTold() {
    let believed = told.judge(noise)
    for (name, cost) in believed { records[name]?.cost.believe(cost) }
    if firstPlan.isDue, 2 * believed.count >= records.count, !believed.isEmpty { firstPlan.skip() }
  }

  /// It ramps up, and is looked at more often.
  private mutating func beginAnew(_ record: inout ServerRecord) {
    record.settling.begin()
    haste = max(haste, CapacityConstants.youngTicks)
  }

  private mutating func closeWindows(
    in tick: Tick
  ) -> [(name: ServerName, window: CostLearner.Window)] {
    let records = records
    let outcomes = meters.update(tick) { server in
      // Without this tick's counters a window stays open: it closes later, over the gap.
      guard server.work != nil else { return nil }
      return records[server.name]?.work.history.beginning.map(CPUMeter.Start.notBefore)
    }
    return tick.servers.compactMap { server in
      guard let outcome = outcomes[server.name] else { return nil }
      if outcome.restarted, var record = self.records[server.name] {
        record.cost.restart()
        record.costAtReload = nil
        told.forget(server.name)
        beginAnew(&record)
        self.records[server.name] = record
      }
      // What has yet to be confirmed tells how full a server is, and not what its requests cost.
      guard let window = outcome.window, server.doubt == nil,
        let answered = self.records[server.name]?.work.answered(
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

extension [Double] {
  /// Each as a part of their sum.
  fileprivate var parts: [Double] {
    let sum = reduce(0, +)
    return sum > 0 ? map { $0 / sum } : map { _ in 0 }
  }
}
