package import Balancing

/// What is known of one backend from tick to tick, and what to do about it.
///
/// A pure step: readings in; plan, weights to write and events out.
package struct BackendControl: Codable, Sendable {
  private var strategy: BackendStrategy
  private var ledger = WeightLedger()
  private var requests = RequestLedger()
  private var lastWrite: Timestamp?
  /// Intervals that have gone by: ticks may come quicker.
  private var intervals = IntervalCount()
  /// Balancers whose algorithm refused a weight, with its process.
  private var refusedBy: [BalancerName: ProcessIdentity] = [:]
  /// Of use to the inventory that it was made from alone, so not kept between runs.
  private var matching: MatchMemo?
  private var matcher: Matcher?
  private var pastRates: RateMemory?
  private var addresses = AddressBook()
  private var reloadedAt: Timestamp?
  /// Which of the servers that peers tell of are ours.
  private var peersServers = PeersServers()
  /// The weights that peers write, as they stood at the last look.
  private var peerWeights: [BalancerName: [ServerName: Weight]] = [:]
  private var peersWrote = false
  private var demand = BalancerDemand()
  /// Where to look next, if the last plan was made for no longer than neighbours are watched by.
  private var watched: EarlyLook.Wanted?
  /// The reload after which it was said that an old process serves.
  private var oldProcessSaid: Timestamp?
  private var fallingBackSaid = false
  private var announced = Announced()

  private enum CodingKeys: String, CodingKey {
    case strategy, ledger, requests, lastWrite, intervals, refusedBy, pastRates, addresses,
      reloadedAt, peersServers, peerWeights, peersWrote, demand, oldProcessSaid,
      fallingBackSaid, announced
  }

  package init(_ kind: BackendSettings.StrategyKind) {
    strategy = BackendStrategy(kind)
  }

  /// What this backend's balancers said in one tick.
  package struct Input: Sendable {
    package var readings: [BalancerName: Reading]
    /// Balancers whose weights are somebody else's.
    package var readOnly: Set<BalancerName>
    /// Those of them that other daemons tell of.
    package var peers: Set<BalancerName> = []
    /// When each of these had read what it tells.
    package var looks: [BalancerName: Timestamp] = [:]
    /// Who answers under each peer's name, and who we are among them.
    package var tellers: [BalancerName: String] = [:]
    package var teller = ""
    package var samples: SampleView
    package var now: Timestamp
    package var intervalSeconds: Double
    /// Seconds between ticks while neighbours are watched.
    package var watchSeconds: Double
    /// What somebody wants left alone.
    package var brake = Brake.Share()
    /// Whether there are hosts that have never been read.
    package var hasUnreadHosts = false
    /// Whether one of them tells its containers' addresses.
    package var hasUnreadAddresses = false
  }

  /// What one balancer said.
  package enum Reading: Sendable {
    case silent
    case backendMissing
    case backend(BackendReading, ProcessIdentity, ReloadDetector.Finding)
  }

  /// What was read of this backend, put in order before anything is decided.
  package struct Sighting: Sendable {
    fileprivate var read: [ReadBalancer]
    fileprivate var servers: BackendServers
    package fileprivate(set) var matches: [ServerName: Match] = [:]
    /// Whether they may be others than in the tick before.
    fileprivate(set) var isRematched = false
    /// Totals by server; `nil` while a balancer's part of them is not known.
    package fileprivate(set) var counters: [ServerName: RequestCounters]?
    fileprivate var events: [ControlEvent]

    /// Whether a server that takes traffic may be any container.
    var lacksContainers: Bool {
      servers.servers.contains {
        $0.state.takesTraffic && matches[$0.name]?.containers.isEmpty ?? true
      }
    }
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
    (matching, matcher) = (nil, nil)
  }

  /// The containers that were its servers in the last tick.
  var serving: [ContainerKey] { matching?.matches.values.flatMap(\.containers) ?? [] }

  /// What a later run can go on from.
  var learned: LearnedCosts { strategy.learned }

  /// The weights that somebody set by hand.
  func hands(at now: Timestamp) -> [BalancerName: [ServerName: WeightLedger.Hand]] {
    ledger.hands(at: now)
  }

  /// Goes on leaving alone what an earlier run did.
  mutating func resume(_ hands: [BalancerName: [ServerName: WeightLedger.Hand]]) {
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

  /// Puts our names on what peers tell, and hears what they have learned.
  private mutating func hearPeers(_ settings: BackendSettings, _ input: inout Input) {
    guard !input.peers.isEmpty else { return }
    func backend(_ name: BalancerName) -> BackendReading? {
      guard case .backend(let backend, _, _) = input.readings[name] else { return nil }
      return backend
    }
    let own = settings.balancers.filter { !input.peers.contains($0) }.compactMap(backend)
    if !own.isEmpty { peersServers = PeersServers(own.flatMap(\.servers)) }
    var told: [ServerName: ToldCost] = [:]
    for name in settings.balancers where input.peers.contains(name) {
      guard case .backend(var backend, let process, let finding) = input.readings[name] else {
        continue
      }
      backend.servers = peersServers.own(backend.servers)
      input.readings[name] = .backend(backend, process, finding)
      for server in backend.servers {
        // Of several the one that has learned most; the first where they are alike.
        guard let cost = server.lesson?.cost,
          cost.requests > told[server.name]?.requests ?? 0
        else { continue }
        told[server.name] = cost
      }
    }
    if !told.isEmpty { strategy.hear(told) }
  }

  /// Takes in what one tick's balancers said: who wrote weights, what was counted, who is who.
  package mutating func look(_ settings: BackendSettings, _ input: Input) -> Sighting {
    var input = input
    hearPeers(settings, &input)
    var read = settings.balancers.compactMap { name -> ReadBalancer? in
      guard case .backend(let backend, let process, let finding) = input.readings[name] else {
        return nil
      }
      return ReadBalancer(name: name, backend: backend, process: process, finding: finding)
    }
    let own = read.filter { !input.peers.contains($0.name) }
    if own.count < read.count {
      // What only peers have is not weighed here.
      let names = Set(own.flatMap { $0.backend.servers.map(\.name) })
      for index in read.indices where input.peers.contains(read[index].name) {
        read[index].backend.servers.removeAll { !names.contains($0.name) }
      }
    }
    let written = Dictionary(
      read.filter { input.peers.contains($0.name) }.map { balancer in
        (
          balancer.name,
          Dictionary(balancer.backend.servers.map { ($0.name, $0.weight) }) { first, _ in first }
        )
      }, uniquingKeysWith: { first, _ in first })
    peersWrote = written != peerWeights
    peerWeights = written
    let servers = BackendServers(read.map { ($0.name, $0.backend) })
    if !own.isEmpty || read.isEmpty {
      // A slot that has another address is another server: nothing that was learned of the one before
      // is true of it, nor are the counters that go on under its name.
      for name in addresses.update(BackendServers(own.map { ($0.name, $0.backend) }).servers) {
        strategy.forget(name)
        requests.forget(name)
        ledger.forget(name)
      }
    }
    if read.contains(where: { $0.finding == .replaced }) { reloadedAt = input.now }
    var events = missingBackends(settings, input)
    let writes = settings.mode == .control && !input.brake.isPaused
    let (brake, hold) = (input.brake, settings.hold)
    let regard = WeightLedger.Regard(
      // Who only looks has nobody to respect.
      now: input.now, respectSeconds: settings.mode == .control ? settings.respect.inSeconds : 0,
      expected: { brake.holds($0) || hold.contains($0) })
    let interval = intervals.count(at: input.now, intervalSeconds: input.intervalSeconds)
    for balancer in read where !input.readOnly.contains(balancer.name) {
      let findings = ledger.observe(
        balancer.backend.servers, on: balancer.name, process: balancer.finding, interval: interval,
        restores: writes, regard: regard)
      // Weights that others moved are acted on like our own: not twice on the same evidence.
      if !findings.isEmpty { lastWrite = input.now }
      events += findings.map { event($0, settings.name, balancer.name) }
    }
    for balancer in read {
      events += announced.news(of: balancer.backend.servers, on: balancer.name).map {
        .figureDisbelieved(settings.name, $0.server, balancer.name, $0.disbelief)
      }
    }
    let counters = requests.add(
      input.readings.compactMapValues(\.counters),
      replaced: Set(read.filter { $0.finding == .replaced }.map(\.name)), at: input.now,
      patienceSeconds: Self.patienceIntervals * input.intervalSeconds, peers: input.peers,
      looks: input.looks)
    demand.observe(requests.perSecond, at: input.now)
    var sighting = Sighting(read: read, servers: servers, counters: counters, events: events)
    if !own.isEmpty {
      let before = matching?.made
      sighting.matches = match(
        servers, settings, input.samples, isAwaiting: input.hasUnreadAddresses, at: input.now)
      sighting.isRematched = matching?.made != before
    }
    return sighting
  }

  /// Decides what to do about what was seen.
  ///
  /// - Parameter work: what the containers were counted to do for all backends together.
  package mutating func step(
    _ settings: BackendSettings, _ input: Input, _ sighting: Sighting, work: ContainerWork
  ) -> Output {
    let (read, servers, matches) = (sighting.read, sighting.servers, sighting.matches)
    let counters = sighting.counters
    var events = sighting.events
    // What only peers tell of is nobody's to write here.
    let own = read.filter { !input.peers.contains($0.name) }
    guard !own.isEmpty else {
      return held(settings, as: .unreadable, events: events)
    }
    let shares = servers.shares(demand: requests.recentArrivals) { server, balancer in
      ledger.weightToRestore(server.name, on: balancer) ?? server.byBalancer[balancer]?.weight
    }
    let carriers = demand.carriers
    let observation = observation(
      servers, settings: settings, input: input, matches: matches, shares: shares,
      configured: configuredShares(servers), counters: counters, work: work,
      discipline: own.discipline, mayMove: !own.allSatisfy(isFixed),
      carriers: carriers.isSubset(of: read.map(\.name)) ? carriers : nil)
    let plan = strategy.plan(for: observation)

    let writable = read.filter { !isFixed($0) && !input.readOnly.contains($0.name) }
    events += fixedAlgorithms(read, settings)
    let condition: BackendCondition =
      if own.allSatisfy(isFixed) {
        .algorithmIsFixed
      } else if let astray = strategy.findings.astray {
        .holding(.trafficIgnoresWeights(astray))
      } else {
        BackendCondition(plan.verdict)
      }
    let wanted = Dictionary(
      writable.map { ($0.name, wantedWeights(plan, on: $0, settings, input)) },
      uniquingKeysWith: { first, _ in first })
    let (rates, failures) = rates(of: counters, at: input.now)
    let wantedShares = plan.wantedShares
    var status = BackendStatus(
      name: settings.name, mode: settings.mode, condition: condition,
      isFallingBack: strategy.isFallingBack, doubtedHosts: strategy.findings.hosts,
      demandPerSecond: plan.demandPerSecond, levelAimedAt: plan.levelAimedAt,
      servers: zip(zip(servers.servers, observation.servers), plan.servers).map { pair, planned in
        let (server, observed) = pair
        return ServerStatus(
          name: server.name, state: server.state,
          condition: self.condition(
            of: server, planned, matches[server.name] ?? .none, settings, input),
          match: matches[server.name] ?? .none, utilisation: planned.utilisation,
          sampleAgeSeconds: observation.sampleAgeSeconds(of: observed), cpuCores: planned.cpuCores,
          wait: planned.measured == nil
            ? nil : input.samples.track(of: matches[server.name] ?? .none)?.wait,
          costPerRequest: planned.costPerRequest, requestsPerSecond: rates[server.name],
          traffic: ServerStatus.Traffic(
            requests: counters?[server.name], failuresPerSecond: failures[server.name],
            queued: server.queued, responseSeconds: responseSeconds(of: server)),
          share: (shares[server.name] ?? 0) * planned.response,
          weights: read.compactMap { balancer in
            guard let reading = server.byBalancer[balancer.name] else { return nil }
            return BalancerWeight(
              balancer: balancer.name, standing: reading.weight,
              wanted: wanted[balancer.name]?[server.name] ?? reading.weight,
              limit: reading.limit)
          },
          reckoning: Reckoning(
            samples: observed.container?.samples ?? [], measured: planned.measured,
            evidenceRequests: planned.evidenceRequests, target: planned.target,
            wantedShare: planned.wantedShare(of: wantedShares), tolerance: planned.tolerance,
            response: planned.response),
          limit: planned.limit, limitOnEach: planned.limit?.onEach(of: carriers.count))
      }, changes: [], verdict: plan.verdict, sharesAnswer: strategy.sharesAnswer)
    for peer in read where input.peers.contains(peer.name) {
      status.weightsApart[peer.name] =
        own.compactMap { $0.backend.servers.weightsApart(from: peer.backend.servers) }.max()
    }
    status.reach = plan.reach
    status.isWatching = plan.isWatching
    status.hasBetterBalance = own.allSatisfy { $0.backend.algorithmName == "roundrobin" }
    if own.allSatisfy({ $0.backend.algorithm != .dynamic(.inFlight) }) {
      status.levelling = levelling(status, plan, servers, bounds: settings.weights)
    }
    var output = Output(status: status, events: events, nextTick: plan.nextTick)
    output.hosts = EarlyLook.Wanted(plan, of: servers.servers.map(\.state), matches)
    watched = plan.isWatching ? output.hosts : nil
    for balancer in writable {
      let changes = changes(
        on: balancer, servers, plan, wanted[balancer.name] ?? [:], settings, input,
        mean: status.meanUtilisation)
      output.status.changes += changes
      if settings.mode == .control, !input.brake.isPaused { output.writes[balancer.name] = changes }
    }
    if strategy.findings.oldProcessServes, oldProcessSaid != reloadedAt {
      oldProcessSaid = reloadedAt
      output.events.append(.oldProcessServes(settings.name))
    }
    if strategy.isFallingBack != fallingBackSaid {
      fallingBackSaid = strategy.isFallingBack
      output.events.append(.fallsBack(settings.name, isFallingBack: fallingBackSaid))
    }
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

/// One balancer that was read in this tick.
private struct ReadBalancer {
  let name: BalancerName
  var backend: BackendReading
  let process: ProcessIdentity
  let finding: ReloadDetector.Finding

  /// `rate` also where it takes no weights, or does not tell whether.
  var discipline: BackendObservation.Discipline {
    guard case .dynamic(let discipline) = backend.algorithm else { return .rate }
    return discipline
  }
}

extension [ReadBalancer] {
  /// What a weight means on all of them together.
  fileprivate var discipline: BackendObservation.Discipline {
    let disciplines = Set(map(\.discipline))
    // Where they differ, some requests of each server go by what is in flight.
    return disciplines.count > 1 ? .drawn : disciplines.first ?? .rate
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

  private mutating func match(
    _ servers: BackendServers, _ settings: BackendSettings, _ samples: SampleView,
    isAwaiting: Bool, at now: Timestamp
  ) -> [ServerName: Match] {
    let names = servers.servers.map(\.name)
    let addresses = servers.servers.map(\.address)
    if let matching, matching.inventoryVersion == samples.inventoryVersion,
      matching.names == names, matching.addresses == addresses,
      matching.isAwaiting == isAwaiting, matcher?.wantsAnotherLook(in: samples, at: now) != true
    {
      return matching.matches
    }
    var matcher = matcher ?? Matcher(settings.matching)
    let matches = matcher.match(
      Array(zip(names, addresses)), in: samples, isAwaiting: isAwaiting, at: now)
    self.matcher = matcher
    matching = MatchMemo(
      inventoryVersion: samples.inventoryVersion, names: names, addresses: addresses,
      isAwaiting: isAwaiting, matches: matches, made: (matching?.made ?? 0) + 1)
    return matches
  }

  private func observation(
    _ servers: BackendServers, settings: BackendSettings, input: Input,
    matches: [ServerName: Match], shares: [ServerName: Double],
    configured: [ServerName: Double], counters: [ServerName: RequestCounters]?,
    work: ContainerWork, discipline: BackendObservation.Discipline, mayMove: Bool,
    carriers: Set<BalancerName>?
  ) -> BackendObservation {
    let ignoresLimits = settings.measure == .container
    var hosts: [HostName: HostObservation] = [:]
    var contentions: [HostName: CPUContention] = [:]
    var serving: [HostName: Set<String>] = [:]
    for server in servers.servers where server.state.takesTraffic {
      guard let container = matches[server.name]?.container else { continue }
      serving[container.host, default: []].insert(container.id)
    }
    for host in Set(matches.values.compactMap { $0.container?.host }) {
      guard let track = input.samples.hosts[host] else { continue }
      hosts[host] = HostObservation(
        // 0 says that it is not known.
        cores: track.cores ?? 0, samples: ignoresLimits ? [] : track.window.samples,
        clockOffsetSeconds: track.clock.value)
      let contention = CPUContention(track, serving: serving[host] ?? [])
      hosts[host]?.fairPart = contention.fairPart
      contentions[host] = contention
    }
    let parts = SharedParts(servers.servers, matches, input.samples, contentions)
    let wholeHosts = HostParts(matches, input.samples)
    let observed = servers.servers.map { server in
      let track = matches[server.name].flatMap(input.samples.track)
      var observed = ServerObservation(
        name: server.name, state: server.state,
        isHeld: hand(on: server.name, settings, input) != nil,
        share: shares[server.name] ?? 0,
        weightIsOurs: server.byBalancer.keys.allSatisfy {
          input.readOnly.contains($0) || ledger.isOurs(server.name, on: $0)
        },
        requests: counters?[server.name],
        container: matches[server.name]?.container.flatMap { key in
          // What cannot be known of is as good as not there.
          guard let track, track.flaw == nil else { return nil }
          return ContainerObservation(
            host: key.host, id: wholeHosts.id(of: key, for: server.name),
            samples: wholeHosts.samples(of: key, track),
            quotaCores: ignoresLimits ? nil : parts.limit(of: key, track))
        })
      if let container = matches[server.name]?.container, let shared = work[container] {
        observed.work = shared.counters.map { wholeHosts.part(of: container, $0) }
      }
      observed.configuredShare = configured[server.name]
      observed.queued = server.queued
      observed.responseSeconds = responseSeconds(of: server)
      observed.limit = carriers.flatMap { server.limit(on: $0) }
      return observed
    }
    var observation = BackendObservation(
      now: input.now, intervalSeconds: input.intervalSeconds,
      discipline: discipline, servers: observed, hosts: hosts,
      lastWrite: lastWrite, bounds: settings.weights)
    // Where nothing can be written there is nothing to be quick for; who observes wants to see what there
    // would be.
    observation.watchSeconds =
      mayMove && !input.brake.isPaused ? input.watchSeconds : input.intervalSeconds
    observation.reloadedAt = reloadedAt
    observation.mixesWeights = requests.hasStandIns || peersWrote
    return observation
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
      if let weights = weightsToFollow(plan, standing, settings, input) {
        return weights
      }
      if plan.isOff(standing) { plan.verdict = .change }
    }
    return plan.weights(standing: standing, bounds: settings.weights)
  }

  /// The weights of the one that all follow, where that is a peer: where all are level by them, so are
  /// ours, and those who know the same have the same.
  private func weightsToFollow(
    _ plan: Plan, _ standing: [ServerName: Weight], _ settings: BackendSettings, _ input: Input
  ) -> [ServerName: Weight]? {
    // What may only look cheap is not given more, whatever others give it.
    guard strategy.findings.doubted.isEmpty,
      let leader = leader(settings, input), let theirs = peerWeights[leader],
      plan.servers.allSatisfy({ $0.isShared && theirs[$0.name]?.value ?? 0 > 0 }),
      plan.servers.allSatisfy({ standing[$0.name]?.value ?? 0 > 0 }),
      !plan.isOff(theirs), Plan.differ(standing, theirs)
    else { return nil }
    return standing.reduce(into: standing) { weights, entry in
      weights[entry.key] = theirs[entry.key].map { settings.weights.clamp(Double($0.value)) }
    }
  }

  /// The peer whose weights are taken: of those that have about the most demand, us among them, the first
  /// in an order that all have in common. `nil` where that is we.
  private func leader(_ settings: BackendSettings, _ input: Input) -> BalancerName? {
    let own = settings.balancers.filter { !input.peers.contains($0) }.reduce(0) {
      $0 + demand.perSecond(of: $1)
    }
    let most = peerWeights.keys.reduce(own) { max($0, demand.perSecond(of: $1)) }
    let enough = most / Self.aboutAsMuch
    let first = peerWeights.keys.filter { demand.perSecond(of: $0) >= enough }.min {
      (input.tellers[$0] ?? $0.text, $0) < (input.tellers[$1] ?? $1.text, $1)
    }
    guard let first else { return nil }
    return own >= enough && input.teller < input.tellers[first] ?? first.text ? nil : first
  }

  /// A balancer that is silent for longer is taken to serve nothing: three looks in vain at the least.
  private static let patienceIntervals = 3.5
  /// Demands that differ by no more than this factor are as good as the same: who has more changes.
  private static let aboutAsMuch = 1.5

  private func changes(
    on balancer: ReadBalancer, _ servers: BackendServers, _ plan: Plan,
    _ wanted: [ServerName: Weight], _ settings: BackendSettings, _ input: Input, mean: Double?
  ) -> [WeightChange] {
    let changed = zip(servers.servers, plan.servers).compactMap { server, planned in
      guard let reading = server.byBalancer[balancer.name], reading.state == .up,
        mayWrite(hand(on: server.name, settings, input)), let new = wanted[server.name],
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
        backend: settings.name, server: planned.name, balancer: balancer.name,
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

  private func condition(
    of server: BackendServers.Server, _ planned: ServerPlan, _ match: Match,
    _ settings: BackendSettings, _ input: Input
  ) -> ServerCondition {
    if let hand = hand(on: server.name, settings, input) { return hand }
    switch planned.target {
    case .keep(.noContainer):
      if match == .none, input.hasUnreadHosts { return .hostsUnread }
      return input.samples.track(of: match)?.flaw.map(ServerCondition.unmeasured)
        ?? .unmatched(match)
    case .share, .reduce, .keep(.sampleBeforeLastWrite), .keep(.doubted(.unconfirmed)):
      return .live
    case .keep(let hold): return .held(hold)
    }
  }

  private typealias Rates = [ServerName: Double]

  /// Who else's weight it is: `nil` for one that is ours to write.
  private func hand(
    on server: ServerName, _ settings: BackendSettings, _ input: Input
  ) -> ServerCondition? {
    if settings.hold.contains(server) { return .configured }
    if input.brake.servers.contains(server) { return .paused }
    if let suspect = ledger.contest(of: server) { return .contested(suspect) }
    return ledger.secondsLeftToHand(server, at: input.now).map { .setByHand(secondsLeft: $0) }
  }

  private mutating func rates(of counters: [ServerName: RequestCounters]?, at now: Timestamp)
    -> (arrived: Rates, failed: Rates)
  {
    guard let counters else { return ([:], [:]) }
    let (arrived, failed) = (counters.mapValues(\.arrived), counters.mapValues(\.failed))
    defer { pastRates = RateMemory(at: now, arrived: arrived, failed: failed) }
    guard let pastRates, now.seconds(since: pastRates.at) > 0 else { return ([:], [:]) }
    let seconds = now.seconds(since: pastRates.at)
    func rates(_ counts: Rates, since before: Rates) -> Rates {
      var rates: Rates = [:]
      for (server, count) in counts {
        // What began anew has no rate yet.
        guard let before = before[server], count >= before else { continue }
        rates[server] = (count - before) / seconds
      }
      return rates
    }
    return (
      rates(arrived, since: pastRates.arrived), rates(failed, since: pastRates.failed ?? [:])
    )
  }

  /// By the requests that each balancer has: one without any tells of times that are long past.
  private func responseSeconds(of server: BackendServers.Server) -> Double? {
    let told = server.byBalancer.compactMap { balancer, reading -> (Double, Double)? in
      guard let seconds = reading.responseSeconds,
        let demand = requests.recentArrivals(at: balancer)
      else { return nil }
      return (demand, seconds)
    }
    let demand = told.reduce(0) { $0 + $1.0 }
    return demand > 0 ? told.reduce(0) { $0 + $1.0 * $1.1 } / demand : nil
  }

  /// What levelling is worth, where the strategy solved for a level and traffic follows weights: under
  /// `leastconn` it does not, and what requests would do under other weights cannot be told.
  private func levelling(
    _ status: BackendStatus, _ plan: Plan, _ servers: BackendServers, bounds: WeightBounds
  ) -> Levelling? {
    guard status.condition == .steering, plan.levelAimedAt != nil, let demand = plan.demandPerSecond
    else { return nil }
    let standing = status.servers.reduce(into: Rates()) { $0[$1.name] = $1.share }
    let initial = configuredShares(servers)
    let isObserved = status.mode == .observe
    return Levelling(
      Array(zip(status.servers, plan.servers)), levelled: isObserved ? nil : standing,
      unlevelled: isObserved ? standing : initial, demand: demand, bounds: bounds)
  }

  /// Each server's share of the traffic under the weights of HAProxy's configuration.
  private func configuredShares(_ servers: BackendServers) -> [ServerName: Double] {
    servers.shares(demand: requests.recentArrivals) { server, balancer in
      server.byBalancer[balancer]?.initialWeight
    }
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

  private func event(_ finding: WeightLedger.Finding, _ backend: BackendName, _ on: BalancerName)
    -> ControlEvent
  {
    switch finding {
    case .leftToHand(let server, let from, let to, let seconds):
      .leftToHand(backend, server, on, from: from, to: to, seconds: seconds)
    case .changedByOthers(let server, let from, let to):
      .changedByOthers(backend, server, on, from: from, to: to)
    case .contested(let server, let suspect): .contested(backend, server, on, suspect)
    case .quietAgain(let server): .contestOver(backend, server, on)
    }
  }
}

extension Plan {
  /// How far one balancer's weights may be off what is planned for all, in parts of a share.
  private static let ownTolerance = 0.1

  /// Whether two balancers' weights mean other shares than whole weights make of the same.
  fileprivate static func differ(
    _ ours: [ServerName: Weight], _ theirs: [ServerName: Weight]
  ) -> Bool {
    let names = ours.keys.filter { theirs[$0] != nil }
    func sum(_ weights: [ServerName: Weight]) -> Double {
      names.reduce(0) { $0 + Double(weights[$1]?.value ?? 0) }
    }
    let (our, their) = (sum(ours), sum(theirs))
    guard our > 0, their > 0 else { return false }
    return names.contains { name in
      let (mine, its) = (Double(ours[name]?.value ?? 0), Double(theirs[name]?.value ?? 0))
      return abs(mine / our - its / their) > 0.01 * its / their + 0.5 / our
    }
  }

  /// Whether one balancer's weights mean other shares than are planned.
  fileprivate func isOff(_ standing: [ServerName: Weight]) -> Bool {
    var pairs: [(weight: Double, share: Double)] = []
    for server in servers {
      guard case .share(let share) = server.target, server.response > 0,
        let weight = standing[server.name], weight.value > 0
      else { continue }
      pairs.append((Double(weight.value), share / server.response))
    }
    let weights = pairs.reduce(0) { $0 + $1.weight }
    let shares = pairs.reduce(0) { $0 + $1.share }
    guard weights > 0, shares > 0 else { return false }
    // What one more or less of a whole weight makes is as near as it comes.
    return pairs.contains { pair in
      abs(pair.weight / weights - pair.share / shares)
        > Self.ownTolerance * pair.share / shares + 1 / weights
    }
  }
}

extension ServerPlan {
  fileprivate var isShared: Bool {
    if case .share = target { true } else { false }
  }

  fileprivate var isReduced: Bool {
    if case .reduce = target { true } else { false }
  }
}

extension EarlyLook.Wanted {
  /// Evidence that is little.
  private static let fewRequests = 30.0

  /// - Parameter states: of the plan's servers, in its order.
  fileprivate init(_ plan: Plan, of states: [ServerState], _ matches: [ServerName: Match]) {
    for (planned, state) in zip(plan.servers, states) {
      guard let host = matches[planned.name]?.container?.host else {
        mayBeAnywhere = mayBeAnywhere || state.takesTraffic
        continue
      }
      let learns = planned.measured == nil || planned.evidenceRequests ?? 0 < Self.fewRequests
      if learns || planned.cause != nil || planned.isReduced {
        first.insert(host)
      } else if plan.isForLearners {
        waiting.insert(host)
      } else {
        others.insert(host)
      }
    }
    first.formUnion(plan.watchedHosts)
  }
}

private struct MatchMemo {
  var inventoryVersion: Int
  var names: [ServerName]
  var addresses: [String?]
  var isAwaiting: Bool
  var matches: [ServerName: Match]
  /// Counts how often it was made.
  var made: Int
}

private struct RateMemory: Codable {
  var at: Timestamp
  var arrived: [ServerName: Double]
  var failed: [ServerName: Double]?
}

extension BackendControl.Reading {
  /// The counters by server; a silent balancer's are `.some(nil)`.
  fileprivate var counters: [ServerName: RequestLedger.Reading]?? {
    switch self {
    case .silent: .some(nil)
    case .backendMissing: .some([:])
    case .backend(let backend, _, _):
      .some(
        Dictionary(
          backend.servers.map { ($0.name, RequestLedger.Reading($0)) },
          uniquingKeysWith: { first, _ in first }))
    }
  }
}

extension RequestLedger.Reading {
  fileprivate init(_ server: ServerReading) {
    let figures = Set(server.disbeliefs.map(\.figure))
    self.init(
      server.requests, areTotalsBelieved: !figures.contains(.totals),
      isInFlightBelieved: figures.isDisjoint(with: [.currentSessions, .queue]),
      queued: server.queued ?? 0, responseSeconds: server.responseSeconds,
      perSecond: server.lesson?.requestsPerSecond)
  }
}

extension BackendCondition {
  fileprivate init(_ verdict: Plan.Verdict) {
    switch verdict {
    // A pause between two steps is part of steering.
    case .level, .change, .hold(.awaitingSamplesSinceWrite): self = .steering
    case .hold(let hold): self = .holding(hold)
    }
  }
}
