internal import Balancing

extension FamilyTraits {
  /// Seconds before which a strategy has had no time to learn.
  private static let startSeconds = 300.0
  /// Seconds to judge it by: the least and the most. Slow neighbours need more to come and go.
  private static let judgedSeconds = (least: 1200.0, most: 2700.0)
  private static let leastPeriods = 2.0
  /// Enough for a p99 that does not hang on a few, and few enough for a thousand scenarios.
  private static let mostRequests = 150_000.0

  /// A cluster that has these traits.
  func scenario(name: String, seed: UInt64, _ random: inout SeededRandom) -> Scenario {
    let judged = min(
      Self.judgedSeconds.most,
      max(Self.judgedSeconds.least, Self.leastPeriods * (onSeconds + offSeconds)))
    let duration = Self.startSeconds + judged
    var hosts = self.hosts(&random)
    let servers = self.servers(on: hosts, &random)
    for index in hosts.indices.prefix(neighbourHosts) {
      hosts[index].neighbourCores = (hosts[index].cores * neighbourPart).rounded(places: 3)
      hosts[index].visits = visits(index)
    }
    let work = load * left(hosts, servers)
    let cost = max(random.logUniform(0.02, 0.2), work * duration / Self.mostRequests)
      .rounded(places: 4)
    var request = RequestModel(cpuSeconds: cost)
    request.variation = variation
    var scenario = Scenario(
      name: name, durationSeconds: duration, request: request,
      demand: DemandModel(requestsPerSecond: (work / cost).rounded(places: 3)), hosts: hosts,
      servers: servers)
    scenario.description = summary
    scenario.seed = seed
    scenario.intervalSeconds = intervalSeconds
    scenario.sampling.lagSeconds = lagSeconds
    var balancer = BalancerModel()
    balancer.algorithm = algorithm
    if algorithm == .random {
      balancer.draws = draws
      balancer.ties = ties
    }
    scenario.balancers = [balancer]
    return scenario
  }

  private func hosts(_ random: inout SeededRandom) -> [HostModel] {
    let cores = Int.random(in: 1...8, using: &random)
    return (1...hosts).map { number in
      let own = hostsAreEqual ? cores : Int.random(in: 1...8, using: &random)
      return HostModel(name: HostName("h\(number)"), cores: Double(own))
    }
  }

  private func servers(on hosts: [HostModel], _ random: inout SeededRandom) -> [ServerModel] {
    let part = 0.3 + 0.6 * random.unit()
    var servers = hosts.enumerated().map { index, host in
      var server = ServerModel(name: ServerName("s\(index + 1)"), host: host.name)
      server.service = service
      switch quotas {
      case .none: server.quotaCores = nil
      case .equal: server.quotaCores = (part * host.cores).rounded(places: 2)
      case .unequal:
        server.quotaCores = ((0.3 + 0.6 * random.unit()) * host.cores).rounded(places: 2)
      }
      return server
    }
    guard weightsFollowLimits else { return servers }
    let limits = zip(servers, hosts).map { $0.quotaCores ?? $1.cores }
    let largest = limits.max() ?? 1
    for (index, limit) in limits.enumerated() {
      let weight = Int(exactly: (limit / largest * 100).rounded()) ?? 100
      servers[index].weight = Weight(clamping: max(1, weight))
    }
    return servers
  }

  /// Cores that the servers can use in the mean over time.
  private func left(_ hosts: [HostModel], _ servers: [ServerModel]) -> Double {
    let presence = onSeconds / (onSeconds + offSeconds)
    return zip(hosts, servers).enumerated().reduce(0) { sum, entry in
      let (host, server) = entry.element
      let limit = server.quotaCores ?? host.cores
      guard entry.offset < neighbourHosts else { return sum + limit }
      let neighbour = host.cores * neighbourPart
      let beside = min(limit, max(host.cores - neighbour, host.cores / 2))
      return sum + presence * beside + (1 - presence) * limit
    }
  }

  /// - Parameter index: the host's, of those that have neighbours.
  private func visits(_ index: Int) -> NeighbourVisits {
    var visits = NeighbourVisits(onSeconds: onSeconds, offSeconds: offSeconds)
    switch rhythm {
    case .random: visits.isRandom = true
    case .square(let isStaggered):
      let turn = isStaggered ? Double(index) / Double(max(1, neighbourHosts)) : 0
      visits.firstSeconds = (turn * (onSeconds + offSeconds)).rounded(places: 1)
    }
    return visits
  }
}
