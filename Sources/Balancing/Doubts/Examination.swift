/// Looks at what was counted before anything is reckoned with it: what cannot be is not believed.
///
/// Both strategies see what it leaves: servers with their doubts, hosts whose counter is believed, and
/// limits that were seen beside those that are told.
struct Examination: Hashable, Codable, Sendable {
  private var servers: [ServerName: ServerExaminer] = [:]
  private var hosts: [HostName: HostExaminer] = [:]
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
    (servers[name], limits[name]) = (nil, nil)
  }

  /// Marks in a tick what is not believed, or leaves it out.
  mutating func examine(_ tick: inout Tick) -> Findings {
    examineServers(tick)
    let doubtedHosts = examineHosts(tick)
    observeLimits(tick)
    following.observe(tick)
    for (name, doubt) in doubtedHosts { tick.hosts[name]?.disbelieve(doubt) }
    for index in tick.servers.indices {
      let name = tick.servers[index].name
      tick.servers[index].doubt = servers[name]?.doubt
      guard let container = tick.servers[index].container else { continue }
      if doubtedHosts[container.host] == .lessThanItsContainers,
        container.capacity.toldCores == nil
      {
        tick.servers[index].doubt = servers[name]?.doubt ?? .hostNotBelieved
      }
      tick.servers[index].container?.capacity.seenCores = limits[name]?.cores
      tick.servers[index].container?.capacity.shownCores = limits[name]?.shownCores
    }
    forget(tick)
    return Findings(
      hosts: doubtedHosts, astray: following.astray,
      oldProcessServes: servers.values.contains { $0.doubt == .uncounted },
      doubted: Set(tick.servers.filter { $0.doubt != nil }.map(\.name)))
  }

  private mutating func examineServers(_ tick: Tick) {
    let names = tick.servers.map(\.name)
    for server in tick.servers {
      let offset = server.container.flatMap { tick.hosts[$0.host]?.clockOffsetSeconds } ?? 0
      servers[server.name, default: ServerExaminer(seen: tick.now)]
        .read(server, clockOffset: offset, in: tick)
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
        isWaiting: tick.counts[name]?.backlog.waiting ?? 0 > 0, since: reload, at: tick.now)
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
        return container.run
      }
      doubts[name] = hosts[name, default: HostExaminer(seen: tick.now)]
        .examine(host, ours: ours, in: tick)
    }
    return doubts
  }

  private mutating func observeLimits(_ tick: Tick) {
    let serving = Set(
      tick.servers.filter { $0.state == .up && servers[$0.name]?.doubt == nil }.map(\.name))
    var trying = Set(
      limits.filter { serving.contains($0.key) && $0.value.isTrying }.map(\.key))
    for server in tick.servers {
      let host = server.container.flatMap { tick.hosts[$0.host] }
      let offset = host?.clockOffsetSeconds ?? 0
      let now = tick.now.advanced(bySeconds: offset)
      guard server.state == .up else {
        limits[server.name]?.rest(at: now)
        continue
      }
      guard serving.contains(server.name) else {
        limits[server.name]?.pause()
        continue
      }
      guard let container = server.container, let requests = server.requests else { continue }
      let cores = host.flatMap { $0.cores > 0 ? $0.cores : nil }
      // Of what it was seen to do, the tick does not tell yet.
      guard let told = container.capacity.cores(onHostOf: cores) else { continue }
      let isBelieved = hosts[container.host]?.doubt == nil
      let look = SeenLimit.Look(
        id: container.id, run: container.run, inFlight: requests.inFlight,
        waiting: tick.counts[server.name]?.backlog.waiting ?? 0, told: told,
        host: cores.flatMap { cores in
          isBelieved ? host.map { ($0.run, cores) } : nil
        },
        now: now, mayTry: trying.isEmpty)
      var limit = limits[server.name] ?? SeenLimit()
      limit.observe(look, interval: tick.interval)
      limits[server.name] = limit
      if limit.isTrying { trying.insert(server.name) } else { trying.remove(server.name) }
    }
  }

  private mutating func forget(_ tick: Tick) {
    let before = servers.count
    tick.forgetOld(in: &servers, seen: tick.servers.count, by: \.lastSeen)
    tick.forgetOld(in: &hosts, seen: tick.hosts.count, by: \.lastSeen)
    if servers.count < before { limits = limits.filter { servers[$0.key] != nil } }
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
