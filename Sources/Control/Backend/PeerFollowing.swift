internal import Balancing

/// What peers tell of a backend: which of their servers are ours, which weights they write, and whose
/// are followed.
struct PeerFollowing: Codable, Sendable {
  /// Demands that differ by no more than this factor are as good as the same: who has more changes.
  private static let aboutAsMuch = 1.5

  /// Which of the servers that peers tell of are ours.
  private var servers = PeersServers()
  /// The weights that peers write, as they stood at the last look.
  private var weights: [BalancerName: [ServerName: Weight]] = [:]
  /// Whether these are others than at the look before.
  private(set) var haveWritten = false

  /// Puts our names on what peers tell.
  ///
  /// - Returns: what they have learned of each server.
  mutating func hear(
    _ readings: inout [BalancerName: BackendControl.Reading], own: [BalancerName],
    peers: [BalancerName]
  ) -> [ServerName: ToldCost] {
    guard !peers.isEmpty else { return [:] }
    let read = own.compactMap { readings[$0]?.backend }
    if !read.isEmpty { servers = PeersServers(read.flatMap(\.servers)) }
    var told: [ServerName: ToldCost] = [:]
    for name in peers {
      guard case .backend(var backend, let process, let finding) = readings[name] else { continue }
      backend.servers = servers.own(backend.servers)
      readings[name] = .backend(backend, process, finding)
      for server in backend.servers {
        // Of several the one that has learned most; the first where they are alike.
        guard let cost = server.lesson?.cost,
          cost.requests > told[server.name]?.requests ?? 0
        else { continue }
        told[server.name] = cost
      }
    }
    return told
  }

  /// Takes in the weights that stand on the peers that were read.
  mutating func look(at peers: [ReadBalancer]) {
    let written = Dictionary(
      peers.map { peer in
        (
          peer.name,
          Dictionary(peer.backend.servers.map { ($0.name, $0.weight) }) { first, _ in first }
        )
      }, uniquingKeysWith: { first, _ in first })
    haveWritten = written != weights
    weights = written
  }

  /// The weights of the one that all follow, where that is a peer: where all are level by them, so are
  /// ours, and those who know the same have the same.
  func weightsToFollow(
    _ plan: Plan, _ standing: [ServerName: Weight], _ settings: BackendSettings,
    _ input: BackendControl.Input, _ demand: BalancerDemand
  ) -> [ServerName: Weight]? {
    guard let leader = leader(own: input.split(settings.balancers).own, input, demand),
      let theirs = weights[leader],
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
  private func leader(
    own: [BalancerName], _ input: BackendControl.Input, _ demand: BalancerDemand
  ) -> BalancerName? {
    let own = own.reduce(0) { $0 + demand.perSecond(of: $1) }
    let most = weights.keys.reduce(own) { max($0, demand.perSecond(of: $1)) }
    let enough = most / Self.aboutAsMuch
    let first = weights.keys.filter { demand.perSecond(of: $0) >= enough }.min {
      (input.identities[$0] ?? $0.text, $0) < (input.identities[$1] ?? $1.text, $1)
    }
    guard let first else { return nil }
    return own >= enough && input.ownIdentity < input.identities[first] ?? first.text ? nil : first
  }
}
