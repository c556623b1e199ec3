internal import Balancing

/// Puts what balancers said of a backend's servers beside what their containers and hosts did.
struct ObservationBuilder {
  /// What the backend remembers of a server, beside what was read of it.
  struct Known {
    /// Whether its weight is not ours to change.
    var isHeld = false
    /// Of the traffic, under the weights that stand, and under those of HAProxy's configuration.
    var share = 0.0
    var configuredShare: Double?
    var weightIsOurs = true
    var requests: RequestCounters?
    var responseSeconds: Double?
  }

  /// The hosts that servers' containers run on.
  let hosts: [HostName: HostObservation]
  private let sighting: BackendServers
  private let matches: [ServerName: Match]
  private let samples: SampleView
  private let ignoresLimits: Bool
  private let parts: SharedParts
  private let wholeHosts: HostParts

  init(
    _ servers: BackendServers, _ matches: [ServerName: Match], _ samples: SampleView,
    measure: BackendSettings.Measure
  ) {
    (sighting, self.matches, self.samples) = (servers, matches, samples)
    ignoresLimits = measure == .container
    var hosts: [HostName: HostObservation] = [:]
    var contentions: [HostName: CPUContention] = [:]
    var serving: [HostName: Set<String>] = [:]
    for server in servers.servers where server.state.takesTraffic {
      guard let container = matches[server.name]?.container else { continue }
      serving[container.host, default: []].insert(container.id)
    }
    for host in Set(matches.values.compactMap { $0.container?.host }) {
      guard let track = samples.hosts[host] else { continue }
      hosts[host] = HostObservation(
        // 0 says that it is not known.
        cores: track.cores ?? 0, samples: ignoresLimits ? [] : track.window.samples,
        clockOffsetSeconds: track.clock.value)
      let contention = CPUContention(track, serving: serving[host] ?? [])
      hosts[host]?.fairPart = contention.fairPart
      contentions[host] = contention
    }
    self.hosts = hosts
    parts = SharedParts(servers.servers, matches, samples, contentions)
    wholeHosts = HostParts(matches, samples)
  }

  /// The backend's servers, in HAProxy's order.
  ///
  /// - Parameters:
  ///   - work: what their containers were counted to do for all backends.
  ///   - carriers: the balancers that traffic comes through; `nil` where one of them was not read.
  func servers(
    work: ContainerWork, carriers: Set<BalancerName>?,
    known: (BackendServers.Server) -> Known
  ) -> [ServerObservation] {
    sighting.servers.map { server in
      let (match, known) = (matches[server.name], known(server))
      var observed = ServerObservation(
        name: server.name, state: server.state, isHeld: known.isHeld, share: known.share,
        weightIsOurs: known.weightIsOurs, requests: known.requests,
        container: match.flatMap { container(of: server.name, $0) })
      if let container = match?.container, let shared = work[container] {
        observed.work = shared.counters.map { wholeHosts.part(of: container, $0) }
      }
      observed.configuredShare = known.configuredShare
      observed.queued = server.queued
      observed.responseSeconds = known.responseSeconds
      observed.limit = carriers.flatMap { server.limit(on: $0) }
      return observed
    }
  }

  private func container(of server: ServerName, _ match: Match) -> ContainerObservation? {
    // What cannot be known of is as good as not there.
    guard let key = match.container, let track = samples.track(of: match), track.flaw == nil
    else { return nil }
    return ContainerObservation(
      host: key.host, id: wholeHosts.id(of: key, for: server),
      samples: wholeHosts.samples(of: key, track),
      quotaCores: ignoresLimits ? nil : parts.limit(of: key, track))
  }
}
