package import Balancing

/// The addresses of the servers of all backends, as their balancers tell them.
package struct SeenServers: Sendable, Equatable {
  private var byBalancer: [BalancerName: Set<String>] = [:]
  /// Whether any balancer told of a backend.
  package var isRead = false
  /// Whether all balancers did: then there are no others.
  package var isWhole = false

  package init() {}

  package init(addresses: Set<String>, of balancer: BalancerName = "haproxy", isWhole: Bool = true)
  {
    byBalancer = [balancer: addresses]
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
        byBalancer[outcome.balancer, default: []].formUnion(backend.servers.compactMap(\.address))
      }
    }
  }

  /// The addresses, but for those by which a balancer of another machine means that machine.
  package func addresses(elsewhere: Set<BalancerName>) -> Set<String> {
    byBalancer.reduce(into: []) { all, each in
      all.formUnion(
        elsewhere.contains(each.key) ? each.value.filter { !Self.isLoopback($0) } : each.value)
    }
  }

  private static func isLoopback(_ address: String) -> Bool {
    address.hasPrefix("127.") || address == "::1"
  }
}
