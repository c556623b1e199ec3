internal import Balancing
internal import Control

/// What the ports show, and what comes in through them.
extension ClusterState {
  /// `nil` while the host's cAdvisor does not answer.
  func hostReading(_ index: Int) -> HostReading? {
    let host = hosts[index]
    guard host.answers else { return nil }
    let clock = Cluster.epoch.advanced(bySeconds: now + host.sampling.clockOffsetSeconds)
    let wholeSeconds = clock.nanoseconds / 1_000_000_000 * 1_000_000_000
    return HostReading(
      answeredAt: Timestamp(nanoseconds: wholeSeconds), cores: host.model.cores,
      hostSample: host.tracks[0].newest(at: now),
      containers: zip(host.servers, host.tracks.dropFirst()).map { server, track in
        let model = servers[server].model
        return ContainerReading(
          id: "/docker/\(model.name)", aliases: [model.name.text], labels: [:],
          sample: track.newest(at: now), quotaCores: model.quotaCores)
      })
  }

  func balancerReading(_ index: Int) -> BalancerReading {
    balancers[index].reading(servers.map(\.model), at: now)
  }

  mutating func write(_ writes: [WeightWrite], to process: ProcessIdentity, on balancer: Int)
    -> [WriteOutcome]
  {
    guard balancers[balancer].identity == process else {
      return writes.map { _ in .processChanged }
    }
    let outcomes = writes.map { write -> WriteOutcome in
      guard let server = positions[write.server],
        write.backend == balancers[balancer].model.backend
      else { return .serverGone }
      balancers[balancer].set(weight: write.weight, of: server, at: now)
      record.writes.append(
        RunRecord.WeightWritten(
          atSeconds: now, server: server, weight: write.weight.value))
      return .written
    }
    sendQueued(balancer)
    return outcomes
  }

  var weights: [[Int]] { balancers.map { $0.slots.map(\.weight.value) } }

  var truth: ClusterTruth {
    ClusterTruth(
      servers: servers.map { server in
        let host = hosts[server.host]
        let sharing = 1 + host.model.threadSharing * host.lastUse / host.model.cores
        return ClusterTruth.Server(
          name: server.model.name, host: host.model.name, serves: server.model.state == .up,
          cost: scenario.request.cpuSeconds * server.costFactor(at: now) * costFactor * sharing
            * meanBalancerFactor,
          limitCores: limit(of: server), baseCores: server.model.baseCores)
      },
      hosts: Dictionary(
        hosts.map { host in
          let most = host.servers.filter { servers[$0].model.state == .up }.map { index in
            SimulatedHost.Claim(
              cores: limit(of: servers[index]), most: .infinity, shares: servers[index].model.shares
            )
          }
          return (
            host.model.name,
            (cores: host.model.cores, neighbourCores: host.neighbourCores(beside: most))
          )
        }, uniquingKeysWith: { first, _ in first }),
      requestsPerSecond: scenario.demand.requestsPerSecond * demand.value(at: now))
  }

  /// Cores that it may use while the others of its slice use theirs.
  private func limit(of server: SimulatedServer) -> Double {
    guard let slice = server.model.slice else { return server.limit }
    let sharing = servers.filter {
      $0.model.slice == slice && $0.host == server.host && $0.model.state == .up
    }
    return min(server.limit, (server.sliceCores ?? .infinity) / Double(max(1, sharing.count)))
  }

  /// What balancers make of a mean request's cost.
  private var meanBalancerFactor: Double {
    let models = balancers.map(\.model)
    let shares = models.reduce(0) { $0 + $1.share }
    guard shares > 0 else { return models.last?.costFactor ?? 1 }
    return models.reduce(0) { $0 + $1.share * $1.costFactor } / shares
  }
}
