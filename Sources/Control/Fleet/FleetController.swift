package import Balancing

/// Runs the ticks: reads the fleet, lets every backend decide, writes the weights.
///
/// A tick depends on settings, state, readings and the injected clock alone; the parts that do
/// I/O are behind `LoadSource` and `Balancer`.
package struct FleetController: Sendable {
  private var settings: ControlSettings
  private var endpoints: [any LoadSource]
  private var balancers: [any Balancer]
  private var state: FleetState
  /// What somebody wants left alone.
  package private(set) var brake: Brake
  private let store: SampleStore
  private let poller: FleetPoller
  private let now: @Sendable () -> Timestamp
  private let peerTime: Duration
  private var early = EarlyLook()
  private var resting = RestingHosts()
  /// The containers that are servers, by their ids.
  private var serving: [HostName: Set<String>] = [:]
  private var search = ContainerSearch()
  /// The containers that alone are asked for next, by host; of other hosts all are.
  private var onlyAsked: [HostName: Set<String>] = [:]
  /// Whether the next tick in time is to read all of every host, for news that came before it.
  private var awaitsAll = false
  private var endpointStatuses = EndpointStatuses()

  /// - Parameters:
  ///   - state: all that an earlier run knew moments ago.
  ///   - learned: what an earlier run learned, at any time: without its loads, samples and rates.
  ///   - peerTime: what the peers' deadlines are derived from, where the interval is too short.
  ///   - clock: for deadlines.
  ///   - now: the present moment, on a clock that never jumps.
  package init(
    settings: ControlSettings, endpoints: [any LoadSource], balancers: [any Balancer],
    state: FleetState = FleetState(), samples: SampleStore.Contents = .init(),
    learned: LearnedFleet = LearnedFleet(), brake: Brake = Brake(),
    peerTime: Duration = .zero,
    clock: any Clock<Duration> = ContinuousClock(), now: @escaping @Sendable () -> Timestamp
  ) {
    self.settings = settings
    self.endpoints = endpoints
    self.balancers = balancers
    self.state = state
    self.brake = brake
    self.store = SampleStore(samples)
    self.poller = FleetPoller(clock: clock, now: now)
    self.now = now
    self.peerTime = peerTime
    self.state.reconfigure(
      settings, endpoints: Set(endpoints.map(\.name)), balancers: Set(balancers.map(\.name)))
    self.state.resume(learned, at: now())
    self.brake.keepOnly(Set(settings.backends.map(\.name)))
  }

  private var pace: Pace { Pace(interval: max(settings.interval, peerTime)) }
  private var ownBalancers: [any Balancer] {
    balancers.filter { !settings.peers.contains($0.name) }
  }
  /// For what is asked beside the ticks.
  private static let hurry = Pace(interval: .seconds(1))

  /// Goes on with another configuration between two ticks.
  package mutating func reconfigure(
    _ settings: ControlSettings, endpoints: [any LoadSource], balancers: [any Balancer]
  ) async {
    self.settings = settings
    self.endpoints = endpoints
    self.balancers = balancers
    early.forget()
    (endpointStatuses, onlyAsked) = (EndpointStatuses(), [:])
    state.reconfigure(
      settings, endpoints: Set(endpoints.map(\.name)), balancers: Set(balancers.map(\.name)))
    brake.keepOnly(Set(settings.backends.map(\.name)))
    await store.keepOnly(Set(endpoints.map(\.host)))
  }

  /// Goes on with other sources between two ticks; what is known of those that stay is kept.
  package mutating func follow(_ endpoints: [any LoadSource]) async {
    self.endpoints = endpoints
    let hosts = Set(endpoints.map(\.host))
    // One that comes back is read anew.
    onlyAsked = onlyAsked.filter { hosts.contains($0.key) }
    state.keepOnly(endpoints: Set(endpoints.map(\.name)))
    await store.keepOnly(Set(endpoints.map(\.host)))
  }

  /// What HAProxy says of its servers' addresses, asked beside the ticks.
  package func readServers() async -> SeenServers {
    let reading = await poller.poll(
      endpoints: [], balancers: balancers, peers: settings.peers,
      backends: settings.backendsByBalancer, pace: pace)
    return SeenServers(reading.balancers, settings)
  }

  /// What outlasts this run.
  package var learned: LearnedFleet {
    var learned = LearnedFleet()
    learned.backends = state.backends.mapValues(\.learned)
    let moment = now()
    let hands = state.backends.mapValues { $0.hands(at: moment) }.filter { !$0.value.isEmpty }
    learned.hands = hands.isEmpty ? nil : hands
    return learned
  }

  /// All that is known, for a run that follows within moments.
  package var everything: (state: FleetState, samples: SampleStore.Contents) {
    get async { (state, await store.snapshot) }
  }

  /// One run of the loop.
  package mutating func tick() async -> TickReport {
    // A state file may have any number.
    state.tick &+= 1
    let reading = await readFleet()
    let samples = await store.view
    let plannedAt = reading.plannedAt ?? now()
    let processes = state.observeProcesses(reading.balancers)
    // A peer's is its own to say and to mend.
    let replaced = reading.balancers.filter {
      !$0.isPeer && processes[$0.balancer]?.finding == .replaced
    }.map(\.balancer)
    var report = report(of: reading, samples, replaced: Set(replaced), at: plannedAt)
    report.events += replaced.map(ControlEvent.balancerReloaded)
    // What piled up under the weights that a reload brought is looked at as soon as ours are back.
    if !replaced.isEmpty { report.nextTick = .quick }
    let inputs = inputs(reading.balancers, processes, samples, at: plannedAt)
    let sightings = await look(at: inputs)
    let isMissing = sightings.contains(where: \.lacksContainers)
    onlyAsked =
      search.looksOn(isMissing, at: plannedAt) || awaitsAll ? [:] : servers(in: samples)
    let orders = decide(
      inputs, sightings, processes, isReloaded: !replaced.isEmpty, into: &report)
    report.snapshot.showWeightsApart()
    for (balancer, answer) in report.readings {
      report.readings[balancer] = state.teach(answer, of: balancer, at: plannedAt)
    }
    report.events += state.showDoubts(in: &report.snapshot)
    let written = await write(orders, pace: pace).events
    report.tell(written)
    report.events += written
    return report
  }

  /// Reads the hosts whose turn it is, and all balancers.
  private mutating func readFleet() async -> FleetReading {
    let asked = hostsToAsk()
    var reading = await poll(
      endpoints.filter { asked.hosts.contains($0.host) }, only: onlyAsked, balancers, pace: pace)
    if search.hasNews(reading.balancers.filter { !$0.isPeer }) {
      awaitsAll = asked.isEarly
      await readOthers(of: &reading, and: asked.resting)
    }
    reading.balancers = state.peerIdentities.countOnce(reading.balancers, peers: settings.peers)
    return reading
  }

  /// What is to be said and shown of a reading before anything is decided.
  private mutating func report(
    of reading: FleetReading, _ samples: SampleView, replaced: Set<BalancerName>,
    at plannedAt: Timestamp
  ) -> TickReport {
    var report = TickReport(
      snapshot: Snapshot(
        tick: state.tick, at: plannedAt,
        endpoints: endpointStatuses.take(reading.endpoints, of: endpoints),
        balancers: reading.balancers.map(BalancerStatus.init), backends: []))
    for outcome in reading.balancers where !outcome.isPeer {
      report.readings[outcome.balancer] = outcome.usable
    }
    report.events = brake.end(at: plannedAt).map { .resumed($0, by: nil) }
    report.snapshot.brake = brake
    report.events += state.events(of: reading.endpoints)
    report.events += state.events(of: samples.sameMachines, behind: endpoints)
    report.events += state.events(of: reading.balancers, replaced: replaced)
    report.servers = SeenServers(reading.balancers, settings)
    return report
  }

  /// What each backend is to decide by.
  private mutating func inputs(
    _ balancers: [BalancerOutcome], _ processes: [BalancerName: SeenProcess],
    _ samples: SampleView, at plannedAt: Timestamp
  ) -> [BackendControl.Input] {
    let unread = samples.unread(of: endpoints)
    let isAwaiting = state.awaitsAddresses(of: unread, at: plannedAt)
    let looks = balancers.looksOfPeers
    return settings.backends.map { backend in
      BackendControl.Input(
        readings: backend.readings(in: balancers, processes),
        readOnly: settings.readOnlyBalancers, peers: settings.peers, looks: looks,
        identities: state.peerIdentities.byName, ownIdentity: settings.teller, samples: samples,
        now: plannedAt, intervalSeconds: settings.interval.inSeconds,
        watchSeconds: Pace(interval: settings.interval).watchInterval.inSeconds,
        brake: brake.share(of: backend.name), hasUnreadHosts: !unread.isEmpty,
        hasUnreadAddresses: isAwaiting)
    }
  }

  /// Lets each backend see what is its own, and the store know which containers are servers.
  private mutating func look(
    at inputs: [BackendControl.Input]
  ) async -> [BackendControl.Sighting] {
    let sightings = zip(settings.backends, inputs).map { backend, input in
      state.backends[backend.name, default: BackendControl(backend.strategy)].look(backend, input)
    }
    if sightings.contains(where: \.isRematched) {
      serving = Dictionary(grouping: state.backends.values.flatMap(\.serving), by: \.host)
        .mapValues { Set($0.map(\.id)) }
      await store.serve(serving)
    }
    return sightings
  }

  /// Lets each backend decide, and remembers whom to ask before the interval is over.
  ///
  /// - Returns: what is to be written.
  private mutating func decide(
    _ inputs: [BackendControl.Input], _ sightings: [BackendControl.Sighting],
    _ processes: [BalancerName: SeenProcess], isReloaded: Bool, into report: inout TickReport
  ) -> [BalancerName: WriteOrder] {
    let work = ContainerWork(sightings.map { ($0.matches, $0.counters) })
    var orders: [BalancerName: WriteOrder] = [:]
    var soon = EarlyLook.Wanted()
    for (backend, (input, sighting)) in zip(settings.backends, zip(inputs, sightings)) {
      let output = state.backends[backend.name, default: BackendControl(backend.strategy)]
        .step(backend, input, sighting, work: work)
      report.snapshot.backends.append(output.status)
      report.events += output.events
      report.nextTick = max(report.nextTick, output.nextTick)
      if output.nextTick > .usual || isReloaded { soon.formUnion(output.hosts) }
      for (balancer, changes) in output.writes where !changes.isEmpty {
        guard let process = processes[balancer]?.identity else { continue }
        orders[
          balancer, default: WriteOrder(balancer: balancer, process: process, changes: [])
        ].changes += changes
      }
    }
    early.look(for: soon)
    return orders
  }

  /// Reads these, and takes in what the endpoints say.
  private func poll(
    _ endpoints: [any LoadSource], only containers: [HostName: Set<String>],
    _ balancers: [any Balancer], pace: Pace
  ) async -> FleetReading {
    let (store, sampleSeconds) = (store, self.pace.sampleSeconds)
    return await poller.poll(
      endpoints: endpoints, balancers: balancers, peers: settings.peers,
      backends: settings.backendsByBalancer, pace: pace, only: containers
    ) { await store.take($0, keepingFor: sampleSeconds) }
  }

  /// The hosts of one tick.
  private struct Asked {
    var hosts: Set<HostName>
    /// Those that are left out, as nobody's server is there.
    var resting: Set<HostName> = []
    /// Whether the tick comes before its time, and some are asked alone.
    var isEarly = false
  }

  /// At the interval all but those that rest; before it those that are wanted soon.
  private mutating func hostsToAsk() -> Asked {
    let (fleet, now) = (endpoints.map(\.host), now())
    let soon = early.hosts(of: fleet, at: now, intervalSeconds: settings.interval.inSeconds)
    if let soon { return Asked(hosts: soon, isEarly: true) }
    awaitsAll = false
    let leftOut = resting.leftOut(
      of: fleet, idle: Set(onlyAsked.filter(\.value.isEmpty).keys), at: now)
    return Asked(hosts: Set(fleet).subtracting(leftOut), resting: leftOut)
  }

  /// Reads all of the hosts that were asked for their servers alone, in half the time that these had, and of
  /// those that rest.
  private func readOthers(of reading: inout FleetReading, and resting: Set<HostName>) async {
    let hosts = resting.union(reading.endpoints.filter(\.hasOthers).map(\.host))
    guard !hosts.isEmpty else { return }
    let whole = await poll(
      endpoints.filter { hosts.contains($0.host) }, only: [:], [],
      pace: Pace(interval: pace.interval / 2))
    var answers = Dictionary(
      whole.endpoints.map { ($0.endpoint, $0) }, uniquingKeysWith: { first, _ in first })
    for index in reading.endpoints.indices {
      // What it said before this stands where it says no more.
      guard let outcome = answers.removeValue(forKey: reading.endpoints[index].endpoint),
        case .success = outcome.answer
      else { continue }
      reading.endpoints[index] = outcome
    }
    // Of those that rested, which are asked in the next tick where they are silent now.
    reading.endpoints += whole.endpoints.filter { outcome in
      guard answers[outcome.endpoint] != nil, case .success = outcome.answer else { return false }
      return true
    }
  }

  /// The servers' containers, by host, where these are enough.
  private func servers(in samples: SampleView) -> [HostName: Set<String>] {
    var servers: [HostName: Set<String>] = [:]
    for (name, host) in samples.hosts where samples.sameMachines.used[name] == nil {
      let serving = serving[name] ?? []
      if host.isEnough(serving) { servers[name] = serving }
    }
    return servers
  }

  /// Whether a balancer has become another process since the last tick, whose weights and counters
  /// began anew; asked between two ticks. A balancer has a third of a second to answer.
  package func hasNewProcess() async -> Bool {
    let reading = await poller.poll(
      endpoints: [], balancers: ownBalancers, peers: settings.peers, backends: [:], pace: Self.hurry
    )
    // The tick that follows is to find it too.
    return reading.balancers.contains(where: state.isNewProcess)
  }

  mutating func brake(
    _ scope: Brake.Scope, forSeconds seconds: Double?, by user: String, isRestored: Bool
  ) -> ControlEvent {
    let now = now()
    brake.pause(
      scope,
      Brake.Pause(
        since: now, until: seconds.map { now.advanced(bySeconds: $0) }, by: user,
        isRestored: isRestored))
    return .paused(scope, by: user, seconds: seconds, isRestored: isRestored)
  }

  mutating func release(_ scope: Brake.Scope) -> [Brake.Scope] { brake.resume(scope) }

  /// Puts HAProxy's own weights back where ours stand; done within a second.
  package mutating func giveBackWeights() async -> Restoration {
    let brake = brake
    return await giveBack(at: Self.hurry) { backend, control, reading, balancer in
      control.weightsToGiveBack(
        backend, reading, on: balancer, brake: brake.share(of: backend.name))
    }
  }

  /// Puts them back wherever another weight stands, as somebody asked for.
  mutating func giveBackAll(of scope: Brake.Scope) async -> Restoration {
    // Ten thousand weights take their time, and somebody waits for the answer.
    await giveBack(at: pace) { backend, control, reading, balancer in
      guard scope.backend.map({ $0 == backend.name }) ?? true else { return [] }
      return control.weightsAskedBack(backend, reading, on: balancer)
        .filter { change in scope.server.map { $0 == change.server } ?? true }
    }
  }

  private mutating func giveBack(
    at pace: Pace,
    _ wanted: (BackendSettings, BackendControl, BackendReading, BalancerName) -> [WeightChange]
  ) async -> Restoration {
    let reading = await poller.poll(
      endpoints: [], balancers: ownBalancers, peers: settings.peers,
      backends: settings.backendsByBalancer, pace: pace)
    var orders: [BalancerName: WriteOrder] = [:]
    var restoration = Restoration()
    for outcome in reading.balancers where !settings.readOnlyBalancers.contains(outcome.balancer) {
      guard let answer = outcome.usable else {
        if let failure = outcome.failure {
          restoration.failures.append((outcome.balancer, failure))
        }
        continue
      }
      let changes = settings.backends.flatMap { backend -> [WeightChange] in
        guard let reading = answer.backends[backend.name],
          let control = state.backends[backend.name]
        else { return [] }
        return wanted(backend, control, reading, outcome.balancer)
      }
      guard !changes.isEmpty else { continue }
      restoration.wanted += changes.count
      orders[outcome.balancer] = WriteOrder(
        balancer: outcome.balancer, process: answer.process, changes: changes)
    }
    let written = await write(orders, pace: pace)
    restoration.events = written.events
    restoration.failures += written.reports.compactMap { report in
      report.failure.map { (report.order.balancer, $0) }
    }
    restoration.unreached = written.reports.reduce(0) { $0 + $1.unreached }
    return restoration
  }
}

extension FleetController {
  private mutating func write(_ orders: [BalancerName: WriteOrder], pace: Pace) async
    -> (events: [ControlEvent], reports: [WriteReport])
  {
    let ordered = orders.values.sorted { $0.balancer < $1.balancer }
    let reports = await poller.write(ordered, to: balancers, pace: pace)
    let written = now()
    var events: [ControlEvent] = []
    for report in reports {
      let (balancer, changes) = (report.order.balancer, report.order.changes)
      if let failure = report.failure {
        if state.troubles.begins(.unwritable, with: balancer) {
          events.append(.balancerLost(balancer, failure))
        }
      } else if state.troubles.ends(.unwritable, with: balancer) {
        events.append(.balancerBack(balancer))
      }
      for backend in settings.backends {
        let own = changes.indices.filter { changes[$0].backend == backend.name }.map { index in
          (
            change: changes[index],
            outcome: index < report.outcomes.count ? report.outcomes[index] : nil
          )
        }
        events +=
          state.backends[backend.name]?.record(
            own, on: balancer, process: report.order.process, at: written) ?? []
      }
    }
    return (events, reports)
  }
}
