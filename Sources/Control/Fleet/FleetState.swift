package import Balancing

/// All that is kept from tick to tick, beside the samples.
package struct FleetState: Codable, Sendable {
  /// Counts the ticks from 1.
  package internal(set) var tick = 0
  package internal(set) var backends: [BackendName: BackendControl] = [:]
  var reloads: [BalancerName: ReloadDetector] = [:]
  var peerIdentities = PeerIdentities()
  /// Endpoints that are silent.
  var lostEndpoints = Once<EndpointName>()
  var troubles = BalancerTroubles()
  var malformed: [EndpointName: Set<String>] = [:]
  var doubtedHosts: [EndpointName: HostDoubt] = [:]
  /// The pairs of hosts that are one machine, each in order.
  var sameMachines: Set<[HostName]> = []
  /// Since when those have been waited for that tell addresses of containers and were never read.
  var awaitedSince: [EndpointName: Timestamp] = [:]

  /// One that is dead must not for ever hold servers whose addresses it might have, too.
  private static let awaitedSeconds = 300.0

  package init() {}

  /// Goes on with another configuration; what was learned of what is still there stays.
  mutating func reconfigure(
    _ settings: ControlSettings, endpoints: Set<EndpointName>, balancers: Set<BalancerName>
  ) {
    reloads = reloads.filter { balancers.contains($0.key) }
    peerIdentities.keepOnly(balancers)
    keepOnly(endpoints: endpoints)
    troubles.keepOnly(balancers, written: settings.writtenBalancers)
    let names = Set(settings.backends.map(\.name))
    backends = backends.filter { names.contains($0.key) }
    for backend in settings.backends {
      backends[backend.name, default: BackendControl(backend.strategy)].reconfigure(backend)
    }
  }

  /// Forgets the endpoints that are no longer polled.
  mutating func keepOnly(endpoints: Set<EndpointName>) {
    lostEndpoints.keepOnly(endpoints.contains)
    malformed = malformed.filter { endpoints.contains($0.key) }
    doubtedHosts = doubtedHosts.filter { endpoints.contains($0.key) }
  }

  /// Goes on from what an earlier run learned of backends that are still there.
  mutating func resume(_ learned: LearnedFleet, at now: Timestamp) {
    for (backend, costs) in learned.backends { backends[backend]?.resume(costs, at: now) }
    for (backend, hands) in learned.hands ?? [:] { backends[backend]?.resume(hands) }
  }

  /// Whether one of the endpoints that were never read may yet tell the address of a container.
  mutating func awaitsAddresses(of unread: [any LoadSource], at now: Timestamp) -> Bool {
    awaitedSince = unread.filter(\.tellsContainerAddresses).reduce(into: [:]) {
      $0[$1.name] = awaitedSince[$1.name] ?? now
    }
    return awaitedSince.values.contains { now.seconds(since: $0) < Self.awaitedSeconds }
  }

  /// What a balancer said, with what this daemon has learned of its servers.
  func teach(
    _ answer: BalancerReading, of balancer: BalancerName, at now: Timestamp
  ) -> BalancerReading {
    var answer = answer
    for (name, backend) in answer.backends {
      guard let lesson = backends[name]?.lessons(at: now) else { continue }
      var backend = backend
      for index in backend.servers.indices {
        backend.servers[index].lesson = lesson(backend.servers[index].name, balancer)
      }
      answer.backends[name] = backend
    }
    return answer
  }
}
