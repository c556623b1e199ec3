/// Looks at what was counted before anything is reckoned with it: what cannot be is not believed.
///
/// Both strategies see what it leaves: servers with their doubts, hosts whose counter is believed, and
/// limits that were seen beside those that are told.
struct Examination: Hashable, Codable, Sendable {
  private var servers: [ServerName: ServerExaminer] = [:]
  private var hosts: [HostName: HostExaminer] = [:]
  private var queues: [ServerName: WaitWatch] = [:]
  private var limits: [ServerName: SeenLimit] = [:]
  private var following = Following()
  /// Whether all servers' requests have been dearer since a reload.
  private var allAreDearer = false

  /// Goes on with costs that an earlier run believed.
  mutating func resume(_ learned: LearnedCosts, at now: Timestamp) {
    for (name, server) in learned.servers {
      servers[name] = ServerExaminer(seen: now, believing: server.cost, of: server.container)
    }
  }

  /// Forgets a server whose name has become another's.
  mutating func forget(_ name: ServerName) {
    (servers[name], queues[name], limits[name]) = (nil, nil, nil)
  }

  /// - Returns: the observation with what is not believed marked or left out, and what was found.
  mutating func examine(
    _ observation: BackendObservation
  ) -> (observation: BackendObservation, findings: Findings) {
    let tick = Tick(observation)
    var observation = observation
    let waiting = watchQueues(tick)
    examineServers(tick, waiting)
    let doubtedHosts = examineHosts(tick)
    observeLimits(tick, waiting)
    following.observe(tick)
    for (name, doubt) in doubtedHosts { observation.hosts[name]?.disbelieve(doubt) }
    for index in observation.servers.indices {
      let name = observation.servers[index].name
      observation.servers[index].doubt = servers[name]?.doubt
      guard let container = observation.servers[index].container else { continue }
      if doubtedHosts[container.host] == .lessThanItsContainers, container.quotaCores == nil {
        observation.servers[index].doubt = servers[name]?.doubt ?? .hostNotBelieved
      }
      observation.servers[index].container?.shownCores = limits[name]?.shownCores
      if let seen = limits[name]?.cores, seen < container.quotaCores ?? .infinity {
        observation.servers[index].container?.quotaCores = seen
        observation.servers[index].container?.limitIsSeen = true
      }
    }
    forget(tick)
    return (
      observation,
      Findings(
        hosts: doubtedHosts, astray: following.astray,
        oldProcessServes: servers.values.contains { $0.doubt == .uncounted },
        doubted: Set(observation.servers.filter { $0.doubt != nil }.map(\.name)))
    )
  }

  private mutating func examineServers(_ tick: Tick, _ waiting: [ServerName: Double]) {
    let names = tick.servers.map(\.name)
    for server in tick.servers {
      let offset = server.container.flatMap { tick.hosts[$0.host]?.clockOffsetSeconds } ?? 0
      servers[server.name, default: ServerExaminer(seen: tick.now)]
        .read(server, clockOffset: offset.isFinite ? offset : 0, in: tick)
    }
    let read = names.map { servers[$0] }
    let costs = read.map { $0?.usualCost ?? $0?.window?.cost }
    let drifts = read.map { $0?.drift }
    let isYoung =
      tick.reloadedAt.map { tick.now.seconds(since: $0) < CapacityConstants.usualSeconds } ?? false
    allAreDearer =
      isYoung
      && (drifts.compactMap(\.self).median.map { $0 > DoubtConstants.uncountedFactor }
        ?? allAreDearer)
    let reload: ServerExaminer.Reload? = allAreDearer ? .allAreDearer : isYoung ? .recent : nil
    let (peersCosts, peersDrifts) = (PeerValues(costs), PeerValues(drifts))
    for (index, name) in names.enumerated() {
      if !isYoung { servers[name]?.endReload() }
      servers[name]?.judge(
        besidePeers: peersCosts.median(without: index),
        // What makes requests dearer elsewhere makes none cheap here.
        drift: min(1, peersDrifts.median(without: index) ?? 1),
        isWaiting: waiting[name] ?? 0 > 0, since: reload, at: tick.now)
    }
  }

  private mutating func examineHosts(_ tick: Tick) -> [HostName: HostDoubt] {
    var doubts: [HostName: HostDoubt] = [:]
    let onHosts = Dictionary(grouping: tick.servers) { $0.container?.host }
    for (name, host) in tick.hosts {
      var counted = Set<String>()
      let ours = (onHosts[name] ?? []).compactMap { server -> SampleRun? in
        guard let container = server.container, servers[server.name]?.doubt == nil,
          counted.insert(container.id).inserted
        else { return nil }
        return SampleRun(container.samples)
      }
      doubts[name] = hosts[name, default: HostExaminer(seen: tick.now)]
        .examine(host, ours: ours, in: tick)
    }
    return doubts
  }

  /// - Returns: the requests that wait at each server as they do not at others, nor usually there.
  private mutating func watchQueues(_ tick: Tick) -> [ServerName: Double] {
    for server in tick.servers {
      guard let requests = server.requests else { continue }
      queues[server.name, default: WaitWatch()].observe(requests, in: tick)
    }
    let up = tick.servers.filter { $0.state == .up && $0.requests != nil }.map(\.name)
    let stays = PeerValues(up.map { queues[$0]?.seconds })
    var waiting: [ServerName: Double] = [:]
    for (index, name) in up.enumerated() {
      // The quick ones tell: what shares a limit waits together.
      waiting[name] = queues[name]?.waiting(
        besidePeers: stays.lowerQuartile(without: index), isSpared: tick.discipline != .rate)
    }
    return waiting
  }

  private mutating func observeLimits(_ tick: Tick, _ waiting: [ServerName: Double]) {
    let serving = Set(
      tick.servers.filter { $0.state == .up && servers[$0.name]?.doubt == nil }.map(\.name))
    var trying = Set(
      limits.filter { serving.contains($0.key) && $0.value.isTrying }.map(\.key))
    for server in tick.servers {
      let host = server.container.flatMap { tick.hosts[$0.host] }
      let offset = host?.clockOffsetSeconds ?? 0
      let now = tick.now.advanced(bySeconds: offset.isFinite ? offset : 0)
      guard server.state == .up else {
        limits[server.name]?.rest(at: now)
        continue
      }
      guard serving.contains(server.name) else {
        limits[server.name]?.pause()
        continue
      }
      guard let container = server.container, let requests = server.requests else { continue }
      let cores = host.flatMap { $0.cores > 0 && $0.cores.isFinite ? $0.cores : nil }
      guard let told = [container.quotaCores, cores].compactMap(\.self).min(), told > 0 else {
        continue
      }
      let isBelieved = hosts[container.host]?.doubt == nil
      let look = SeenLimit.Look(
        id: container.id, run: SampleRun(container.samples), inFlight: requests.inFlight,
        waiting: waiting[server.name] ?? 0, told: told,
        host: cores.flatMap { cores in
          isBelieved ? host.map { (SampleRun($0.samples), cores) } : nil
        },
        now: now, mayTry: trying.isEmpty)
      var limit = limits[server.name] ?? SeenLimit()
      limit.observe(look, interval: tick.interval)
      limits[server.name] = limit
      if limit.isTrying { trying.insert(server.name) } else { trying.remove(server.name) }
    }
  }

  private mutating func forget(_ tick: Tick) {
    servers = servers.filter { !tick.isForgotten($0.value.lastSeen) }
    hosts = hosts.filter { !tick.isForgotten($0.value.lastSeen) }
    queues = queues.filter { servers[$0.key] != nil }
    limits = limits.filter { servers[$0.key] != nil }
  }
}

/// What an examination found beside the doubts of servers.
package struct Findings: Hashable, Codable, Sendable {
  /// Hosts whose own counter is not believed.
  package var hosts: [HostName: HostDoubt] = [:]
  /// Set while requests do not follow weights.
  package var astray: Astray?
  /// Since a reload requests have cost more, all servers' or one's: an old process serves some uncounted.
  package var oldProcessServes = false
  /// Servers whose counter is doubted.
  package var doubted: Set<ServerName> = []

  package init(
    hosts: [HostName: HostDoubt] = [:], astray: Astray? = nil, oldProcessServes: Bool = false,
    doubted: Set<ServerName> = []
  ) {
    self.doubted = doubted
    self.hosts = hosts
    self.astray = astray
    self.oldProcessServes = oldProcessServes
  }
}

extension HostObservation {
  fileprivate mutating func disbelieve(_ doubt: HostDoubt) {
    samples = []
    self.doubt = doubt
  }
}
