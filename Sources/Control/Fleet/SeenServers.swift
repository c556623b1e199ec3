internal import Balancing

/// The addresses of the servers of all backends, as their balancers tell them.
package struct SeenServers: Sendable, Equatable {
  package var addresses: Set<String> = []
  /// Whether any balancer told of a backend.
  package var isRead = false
  /// Whether all balancers did: then there are no others.
  package var isWhole = false

  package init() {}

  package init(addresses: Set<String>, isWhole: Bool = true) {
    self.addresses = addresses
    (isRead, self.isWhole) = (true, isWhole)
  }

  package init(_ outcomes: [BalancerOutcome], _ settings: ControlSettings) {
    let backends = Set(settings.backends.map(\.name))
    isWhole = !outcomes.isEmpty
    for outcome in outcomes {
      guard case .success(let reading) = outcome.answer, outcome.failure == nil else {
        isWhole = false
        continue
      }
      for (name, backend) in reading.backends where backends.contains(name) {
        isRead = true
        addresses.formUnion(backend.servers.compactMap(\.address))
      }
    }
  }
}
