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
  private let matched: [MatchedServer]
  private let ignoresLimits: Bool
  private let parts: SharedParts
  private let wholeHosts: HostParts

  init(_ matched: [MatchedServer], _ samples: SampleView, measure: BackendSettings.Measure) {
    self.matched = matched
    ignoresLimits = measure == .container
    var hosts: [HostName: HostObservation] = [:]
    var contentions: [HostName: CPUContention] = [:]
    var serving: [HostName: Set<String>] = [:]
    for one in matched where one.server.state.takesTraffic {
      guard let container = one.container else { continue }
      serving[container.host, default: []].insert(container.id)
    }
    for host in Set(matched.compactMap(\.container?.host)) {
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
    parts = SharedParts(matched, contentions)
    wholeHosts = HostParts(matched)
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
    matched.map { matched in
      let server = matched.server
      let known = known(server)
      var observed = ServerObservation(
        name: server.name, state: server.state, isHeld: known.isHeld, share: known.share,
        weightIsOurs: known.weightIsOurs, requests: known.requests,
        container: container(of: matched))
      if let container = matched.container, let shared = work[container] {
        observed.work = shared.counters.map { wholeHosts.part(of: container, $0) }
      }
      observed.configuredShare = known.configuredShare
      observed.queued = server.queued
      observed.responseSeconds = known.responseSeconds
      observed.limit = carriers.flatMap { server.limit(on: $0) }
      return observed
    }
  }

  private func container(of matched: MatchedServer) -> ContainerObservation? {
    // What cannot be known of is as good as not there.
    guard let key = matched.container, let track = matched.track, track.flaw == nil
    else { return nil }
    return ContainerObservation(
      host: key.host, id: wholeHosts.id(of: key, for: matched.server.name),
      samples: wholeHosts.samples(of: key, track),
      toldCores: ignoresLimits ? nil : parts.limit(of: key, track))
  }
}
