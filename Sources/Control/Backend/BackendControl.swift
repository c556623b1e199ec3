package import Balancing

/// What is known of one backend from tick to tick, and what to do about it.
///
/// A pure step: readings in; plan, weights to write and events out.
package struct BackendControl: Codable, Sendable {
  /// A balancer that is silent for longer is taken to serve nothing: three looks in vain at the least.
  private static let patienceIntervals = 3.5

  private var strategy: BackendStrategy
  private var ledger = WeightLedger()
  private var requests = RequestLedger()
  private var lastWrite: Timestamp?
  /// Intervals that have gone by: ticks may come quicker.
  private var intervals = IntervalCount()
  /// Balancers whose algorithm refused a weight, with its process.
  private var refusedBy: [BalancerName: ProcessIdentity] = [:]
  /// Of use to the inventory that it was made from alone, so not kept between runs.
  private var matching = KeptMatches()
  private var rates = ServerRates()
  private var addresses = AddressBook()
  private var reloadedAt: Timestamp?
  private var following = PeerFollowing()
  private var demand = BalancerDemand()
  /// Where to look next, if the last plan was made for no longer than neighbours are watched by.
  private var watched: EarlyLook.Wanted?
  /// The reload after which it was said that an old process serves.
  private var oldProcessSaid: Timestamp?
  private var fallingBackSaid = false
  private var announced = Announced()

  private enum CodingKeys: String, CodingKey {
    case strategy, ledger, requests, lastWrite, intervals, refusedBy, rates, addresses,
      reloadedAt, following, demand, oldProcessSaid, fallingBackSaid, announced
  }

  package init(_ kind: BackendSettings.StrategyKind) {
    strategy = BackendStrategy(kind)
  }

  /// What is to be done.
  package struct Output: Sendable {
    package var status: BackendStatus
    /// What is to be written, by balancer; empty in `observe`.
    package var writes: [BalancerName: [WeightChange]] = [:]
    package var events: [ControlEvent] = []
    package var nextTick = NextTick.usual
    /// Where to look if so.
    var hosts = EarlyLook.Wanted()
  }

  /// Goes on with another configuration; what was learned of servers that are still there stays.
  package mutating func reconfigure(_ settings: BackendSettings) {
    strategy = strategy.reconfigured(as: settings.strategy)
    ledger.keepOnly(Set(settings.balancers))
    matching = KeptMatches()
  }

  /// The containers that were its servers in the last tick.
  var serving: [ContainerKey] { matching.matches.values.flatMap(\.containers) }

  /// What a later run can go on from.
  var learned: LearnedCosts { strategy.learned }

  /// The weights that somebody set by hand.
  func hands(at now: Timestamp) -> [BalancerName: [ServerName: WeightLedger.ManualWeight]] {
    ledger.hands(at: now)
  }

  /// Goes on leaving alone what an earlier run did.
  mutating func resume(_ hands: [BalancerName: [ServerName: WeightLedger.ManualWeight]]) {
    ledger.resume(hands)
  }

  /// Goes on from what an earlier run learned.
  mutating func resume(_ learned: LearnedCosts, at now: Timestamp) {
    strategy.resume(learned, at: now)
  }

  /// What others may be told of each server, by balancer.
  func lessons(at now: Timestamp) -> (ServerName, BalancerName) -> ServerReading.Lesson {
    let (costs, rates) = (strategy.costsToTell(at: now), requests.rates)
    return { server, balancer in
      ServerReading.Lesson(cost: costs[server], requestsPerSecond: rates[balancer]?[server])
    }
  }

  /// Takes in what one tick's balancers said: who wrote weights, what was counted, who is who.
  package mutating func look(_ settings: BackendSettings, _ input: Input) -> Sighting {
    var input = input
    let (ours, peers) = input.split(settings.balancers)
    let told = following.hear(&input.readings, own: ours, peers: peers)
    if !told.isEmpty { strategy.hear(told) }
    let read = input.read(settings.balancers)
    let own = read.own
    following.look(at: read.peers)
    let servers = BackendServers(read)
    if !own.isEmpty || read.isEmpty {
      forgetOthers(than: own.count == read.count ? servers : BackendServers(own))
    }
    let replaced = read.filter { $0.finding == .replaced }
    if !replaced.isEmpty { reloadedAt = input.now }
    var events = missingBackends(settings, input)
    events += foreignWeights(on: read, settings, input)
    for balancer in read {
      events += announced.news(of: balancer.backend.servers, on: balancer.name).map {
        .figureDisbelieved(settings.name, $0.server, balancer.name, $0.disbelief)
      }
    }
    let counters = requests.add(
      input.readings.compactMapValues(\.counters), replaced: Set(replaced.map(\.name)),
      at: input.now, patienceSeconds: Self.patienceIntervals * input.intervalSeconds,
      peers: input.peers, looks: input.looks)
    demand.observe(requests.perSecond, at: input.now)
    var sighting = Sighting(read: read, servers: servers, counters: counters, events: events)
    if !own.isEmpty {
      sighting.isRematched = matching.update(
        servers, by: settings.matching, in: input.samples, isAwaiting: input.hasUnreadAddresses,
        at: input.now)
      sighting.matches = matching.matches
    }
    return sighting
  }

  /// Decides what to do about what was seen.
  ///
  /// - Parameter work: what the containers were counted to do for all backends together.
  package mutating func step(
    _ settings: BackendSettings, _ input: Input, _ sighting: Sighting, work: ContainerWork
  ) -> Output {
    let (read, own) = (sighting.read, sighting.read.own)
    // What only peers tell of is nobody's to write here.
    guard !own.isEmpty else {
      return held(settings, as: .unreadable, events: sighting.events)
    }
    let writable = read.filter { !isFixed($0) && !input.readOnly.contains($0.name) }
    let decision = decide(settings, input, sighting, work: work, writable: writable)
    let plan = decision.plan
    let status = BackendStatus(settings, condition(of: plan, on: own), decision, by: strategy)
    var output = Output(
      status: status, events: sighting.events + fixedAlgorithms(read, settings),
      nextTick: plan.nextTick)
    output.hosts = EarlyLook.Wanted(
      plan, of: sighting.servers.servers.map(\.state), sighting.matches)
    watched = plan.isWatching ? output.hosts : nil
    for balancer in writable {
      let changes = changes(on: balancer, decision, settings.name, mean: status.meanUtilisation)
      output.status.changes += changes
      if settings.mode == .control, !input.brake.isPaused { output.writes[balancer.name] = changes }
    }
    output.events += strategyNews(settings.name)
    output.events += announced.update(settings.name, output.status)
    return output
  }

  /// Takes in what became of the writes to one balancer.
  ///
  /// - Parameter writes: each with its outcome; `nil` where that is not known, as writing failed.
  package mutating func record(
    _ writes: [(change: WeightChange, outcome: WriteOutcome?)],
    on balancer: BalancerName, process: ProcessIdentity, at now: Timestamp
  ) -> [ControlEvent] {
    var events: [ControlEvent] = []
    for (change, outcome) in writes {
      switch outcome {
      case .written:
        ledger.wrote(change.new, to: change.server, on: balancer)
        lastWrite = now
        events.append(.weightChanged(change))
        announced.accepted(change)
      case .algorithmIsFixed:
        refusedBy[balancer] = process
      case .refused(let reply):
        if announced.isNewRefusal(change, reply) {
          events.append(.weightRefused(change, reply: reply))
        }
      case .serverGone, .processChanged, .notReached:
        break
      case nil:
        // Given up half way: it may have been written, and would be ours.
        ledger.mayHaveWritten(change.new, to: change.server, on: balancer)
        lastWrite = now
      }
    }
    return events
  }

  /// The weights of HAProxy's configuration, for the servers that still have ours.
  package func weightsToGiveBack(
    _ settings: BackendSettings, _ backend: BackendReading, on balancer: BalancerName,
    brake: Brake.Share = Brake.Share()
  ) -> [WeightChange] {
    guard settings.mode == .control else { return [] }
    return backend.servers.compactMap { server in
      guard !brake.holds(server.name), ledger.stillHasOurs(server, on: balancer),
        server.weight != server.initialWeight
      else {
        return nil
      }
      return WeightChange(
        backend: settings.name, server: server.name, balancer: balancer, old: server.weight,
        new: server.initialWeight, reason: .givenBack)
    }
  }

  /// The weights of HAProxy's configuration, for all servers that somebody wants to have them back.
  ///
  /// A weight of 0 is no load's, so none is changed from it or to it.
  package func weightsAskedBack(
    _ settings: BackendSettings, _ backend: BackendReading, on balancer: BalancerName
  ) -> [WeightChange] {
    backend.servers.compactMap { server in
      guard server.weight != server.initialWeight, server.weight.value > 0,
        server.initialWeight.value > 0, !settings.hold.contains(server.name)
      else { return nil }
      return WeightChange(
        backend: settings.name, server: server.name, balancer: balancer, old: server.weight,
        new: server.initialWeight, reason: .asked)
    }
  }
}

extension BackendControl {
  private func isFixed(_ balancer: ReadBalancer) -> Bool {
    balancer.backend.algorithm == .fixed || refusedBy[balancer.name] == balancer.process
  }

  private mutating func missingBackends(_ settings: BackendSettings, _ input: Input)
    -> [ControlEvent]
  {
    var events: [ControlEvent] = []
    for balancer in settings.balancers {
      switch input.readings[balancer] {
      case .backendMissing:
        if announced.missing.begins(balancer) {
          events.append(.backendMissing(settings.name, balancer))
        }
      case .backend:
        announced.missing.ends(balancer)
      case .silent, nil:
        break
      }
    }
    return events
  }

  private mutating func fixedAlgorithms(_ read: [ReadBalancer], _ settings: BackendSettings)
    -> [ControlEvent]
  {
    var events: [ControlEvent] = []
    for balancer in read {
      guard isFixed(balancer) else {
        announced.fixed.ends(balancer.name)
        continue
      }
      guard announced.fixed.begins(balancer.name) else { continue }
      events.append(
        .algorithmIsFixed(
          settings.name, balancer.name, algorithm: balancer.backend.algorithmName))
    }
    return events
  }

  /// Forgets what was learned of slots that have another address: each is another server, and nothing of
  /// the one before is true of it, nor are the counters that go on under its name.
  private mutating func forgetOthers(than servers: BackendServers) {
    for name in addresses.update(servers.servers) {
      strategy.forget(name)
      requests.forget(name)
      ledger.forget(name)
    }
  }

  /// Takes in the weights that stand, and finds those that others wrote.
  private mutating func foreignWeights(
    on read: [ReadBalancer], _ settings: BackendSettings, _ input: Input
  ) -> [ControlEvent] {
    let writes = settings.mode == .control && !input.brake.isPaused
    let (brake, hold) = (input.brake, settings.hold)
    let policy = WeightLedger.ForeignWeightPolicy(
      // Who only looks has nobody to respect.
      now: input.now, respectSeconds: settings.mode == .control ? settings.respect.inSeconds : 0,
      expected: { brake.holds($0) || hold.contains($0) })
    let interval = intervals.count(at: input.now, intervalSeconds: input.intervalSeconds)
    var events: [ControlEvent] = []
    for balancer in read where !input.readOnly.contains(balancer.name) {
      let findings = ledger.observe(
        balancer.backend.servers, on: balancer.name, process: balancer.finding, interval: interval,
        restores: writes, policy: policy)
      // Weights that others moved are acted on like our own: not twice on the same evidence.
      if !findings.isEmpty { lastWrite = input.now }
      events += findings.map { ControlEvent($0, settings.name, balancer.name) }
    }
    return events
  }

  /// Has the strategy plan for what was seen, and makes weights of it for those that may be written.
  private mutating func decide(
    _ settings: BackendSettings, _ input: Input, _ sighting: Sighting, work: ContainerWork,
    writable: [ReadBalancer]
  ) -> Decision {
    let servers = sighting.servers.matched(by: sighting.matches, in: input.samples)
    let hands = Dictionary(
      sighting.servers.servers.compactMap { server in
        hand(on: server.name, settings, input).map { (server.name, $0) }
      }, uniquingKeysWith: { first, _ in first })
    let configured = sighting.servers.shares(demand: requests.recentArrivals) {
      $0.byBalancer[$1]?.initialWeight
    }
    let observation = observation(
      of: servers, settings, input, sighting, work: work, held: hands, configured: configured)
    let plan = strategy.plan(for: observation)
    let wanted = Dictionary(
      writable.map { ($0.name, wantedWeights(plan, on: $0, settings, input)) },
      uniquingKeysWith: { first, _ in first })
    return Decision(
      sighting: sighting, servers: servers, observation: observation, plan: plan, hands: hands,
      wanted: wanted, rates: rates.rates(of: sighting.counters, at: input.now),
      configuredShares: configured, carriers: demand.carriers.count,
      hasUnreadHosts: input.hasUnreadHosts)
  }

  private func observation(
    of servers: [MatchedServer], _ settings: BackendSettings, _ input: Input, _ sighting: Sighting,
    work: ContainerWork, held: [ServerName: ServerCondition], configured: [ServerName: Double]
  ) -> BackendObservation {
    let (read, own) = (sighting.read, sighting.read.own)
    let arrivals = requests.recentArrivals
    let shares = sighting.servers.shares(demand: arrivals) { server, balancer in
      ledger.weightToRestore(server.name, on: balancer) ?? server.byBalancer[balancer]?.weight
    }
    let carriers = demand.carriers
    let builder = ObservationBuilder(servers, input.samples, measure: settings.measure)
    let observed = builder.servers(
      work: work, carriers: carriers.isSubset(of: read.map(\.name)) ? carriers : nil
    ) { server in
      ObservationBuilder.Known(
        isHeld: held[server.name] != nil, share: shares[server.name] ?? 0,
        configuredShare: configured[server.name],
        weightIsOurs: server.byBalancer.keys.allSatisfy {
          input.readOnly.contains($0) || ledger.isOurs(server.name, on: $0)
        },
        requests: sighting.counters?[server.name],
        responseSeconds: server.responseSeconds(demand: arrivals))
    }
    var observation = BackendObservation(
      now: input.now, intervalSeconds: input.intervalSeconds, discipline: own.discipline,
      servers: observed, hosts: builder.hosts, lastWrite: lastWrite, bounds: settings.weights)
    // Where nothing can be written there is nothing to be quick for; who observes wants to see what there
    // would be.
    let mayMove = !own.allSatisfy(isFixed) && !input.brake.isPaused
    observation.watchSeconds = mayMove ? input.watchSeconds : input.intervalSeconds
    observation.reloadedAt = reloadedAt
    observation.mixesWeights = requests.hasStandIns || following.haveWritten
    return observation
  }

  private func condition(of plan: Plan, on own: [ReadBalancer]) -> BackendCondition {
    if own.allSatisfy(isFixed) { return .algorithmIsFixed }
    if let astray = strategy.findings.astray { return .holding(.trafficIgnoresWeights(astray)) }
    return BackendCondition(plan.verdict)
  }

  private func wantedWeights(
    _ plan: Plan, on balancer: ReadBalancer, _ settings: BackendSettings, _ input: Input
  ) -> [ServerName: Weight] {
    var standing: [ServerName: Weight] = [:]
    for server in balancer.backend.servers {
      standing[server.name] =
        ledger.weightToRestore(server.name, on: balancer.name) ?? server.weight
    }
    var plan = plan
    // All balancers together may be level by what a peer's weights do, and this one's be off.
    if !input.peers.isEmpty, plan.verdict == .level {
      // What may only look cheap is not given more, whatever others give it.
      if strategy.findings.doubted.isEmpty,
        let weights = following.weightsToFollow(plan, standing, settings, input, demand)
      {
        return weights
      }
      if plan.isOff(standing) { plan.verdict = .change }
    }
    return plan.weights(standing: standing, bounds: settings.weights)
  }

  /// Says once what the strategy found beside the doubts of servers.
  private mutating func strategyNews(_ backend: BackendName) -> [ControlEvent] {
    var events: [ControlEvent] = []
    if strategy.findings.oldProcessServes, oldProcessSaid != reloadedAt {
      oldProcessSaid = reloadedAt
      events.append(.oldProcessServes(backend))
    }
    if strategy.isFallingBack != fallingBackSaid {
      fallingBackSaid = strategy.isFallingBack
      events.append(.fallsBack(backend, isFallingBack: fallingBackSaid))
    }
    return events
  }

  private func changes(
    on balancer: ReadBalancer, _ decision: Decision, _ backend: BackendName, mean: Double?
  ) -> [WeightChange] {
    let (plan, wanted) = (decision.plan, decision.wanted[balancer.name] ?? [:])
    let changed = zip(decision.sighting.servers.servers, plan.servers).compactMap {
      server, planned in
      guard let reading = server.byBalancer[balancer.name], reading.state == .up,
        mayWrite(decision.hands[server.name]), let new = wanted[server.name],
        new != reading.weight
      else { return nil as (reading: ServerReading, planned: ServerPlan, new: Weight)? }
      return (reading, planned, new)
    }
    let why = ChangedWeights(
      balancer.backend.servers,
      new: Dictionary(changed.map { ($0.planned.name, $0.new) }) { first, _ in first },
      plan: plan, mean: mean)
    return changed.map { reading, planned, new in
      let isRestored = ledger.weightToRestore(planned.name, on: balancer.name) == new
      return WeightChange(
        backend: backend, server: planned.name, balancer: balancer.name,
        old: reading.weight, new: new, shares: why.shares(of: planned.name),
        utilisation: planned.utilisation,
        reason: isRestored && !planned.isReduced ? .restored : why.reason(of: planned))
    }
  }

  /// A weight that somebody set is put back where a reload lost it; all else of others is theirs.
  private func mayWrite(_ hand: ServerCondition?) -> Bool {
    switch hand {
    case nil, .setByHand: true
    default: false
    }
  }

  /// Who else's weight it is: `nil` for one that is ours to write.
  private func hand(
    on server: ServerName, _ settings: BackendSettings, _ input: Input
  ) -> ServerCondition? {
    if settings.hold.contains(server) { return .configured }
    if input.brake.servers.contains(server) { return .paused }
    if let suspect = ledger.contest(of: server) { return .contested(suspect) }
    return ledger.secondsLeftToHand(server, at: input.now).map { .setByHand(secondsLeft: $0) }
  }

  private mutating func held(
    _ settings: BackendSettings, as condition: BackendCondition, events: [ControlEvent]
  ) -> Output {
    let status = BackendStatus(
      name: settings.name, mode: settings.mode, condition: condition, servers: [], changes: [])
    var output = Output(status: status, events: events + announced.update(settings.name, status))
    // What was planned for seconds does not stand for an interval because of one look in vain.
    if let watched {
      (output.nextTick, output.hosts) = (.watching, watched)
      output.status.isWatching = true
    }
    watched = nil
    return output
  }
}
