package import Balancing

extension BackendControl {
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
    package var identities: [BalancerName: String] = [:]
    package var ownIdentity = ""
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
}

extension BackendControl.Input {
  /// Our own of these balancers, and those of peers.
  func split(_ balancers: [BalancerName]) -> (own: [BalancerName], peers: [BalancerName]) {
    (balancers.filter { !peers.contains($0) }, balancers.filter(peers.contains))
  }

  /// Those of these balancers that could be read.
  func read(_ balancers: [BalancerName]) -> [ReadBalancer] {
    var read = balancers.compactMap { name -> ReadBalancer? in
      guard case .backend(let backend, let process, let finding) = readings[name] else {
        return nil
      }
      return ReadBalancer(
        name: name, isPeer: peers.contains(name), backend: backend, process: process,
        finding: finding)
    }
    guard read.contains(where: \.isPeer) else { return read }
    // What only peers have is not weighed here.
    let names = Set(read.own.flatMap { $0.backend.servers.map(\.name) })
    for index in read.indices where read[index].isPeer {
      read[index].backend.servers.removeAll { !names.contains($0.name) }
    }
    return read
  }
}

extension BackendControl.Reading {
  var backend: BackendReading? {
    if case .backend(let backend, _, _) = self { backend } else { nil }
  }

  /// The counters by server; a silent balancer's are `.some(nil)`.
  var counters: [ServerName: RequestLedger.Reading]?? {
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
