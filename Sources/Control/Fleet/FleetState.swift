package import Balancing

/// All that is kept from tick to tick, beside the samples.
package struct FleetState: Codable, Sendable {
  /// Counts the ticks from 1.
  package internal(set) var tick = 0
  package internal(set) var backends: [BackendName: BackendControl] = [:]
  var reloads: [BalancerName: ReloadDetector] = [:]
  var lostEndpoints: Set<EndpointName> = []
  var lostBalancers: Set<BalancerName> = []
  var malformed: [EndpointName: Set<String>] = [:]

  package init() {}

  /// Goes on with another configuration; what was learned of what is still there stays.
  mutating func reconfigure(_ settings: ControlSettings) {
    let names = Set(settings.backends.map(\.name))
    backends = backends.filter { names.contains($0.key) }
    for backend in settings.backends {
      backends[backend.name, default: BackendControl(backend.strategy)].reconfigure(backend)
    }
  }
}
