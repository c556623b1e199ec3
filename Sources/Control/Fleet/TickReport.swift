package import Balancing

/// What one tick saw and did.
package struct TickReport: Sendable {
  package var snapshot: Snapshot
  package var events: [ControlEvent] = []
  package var servers = SeenServers()
  /// The soonest that a backend wants it.
  package var nextTick = NextTick.usual
  /// What this daemon's own balancers said, for its peers.
  package var readings: [BalancerName: BalancerReading] = [:]
}

extension TickReport {
  /// Peers are told the weights that stand after the tick, not those that it found.
  mutating func tell(_ events: [ControlEvent]) {
    var weights: [BalancerName: [BackendName: [ServerName: Weight]]] = [:]
    for case .weightChanged(let change) in events {
      weights[change.balancer, default: [:]][change.backend, default: [:]][change.server] =
        change.new
    }
    for (balancer, backends) in weights {
      for (backend, weights) in backends {
        readings[balancer]?.backends[backend]?.take(weights)
      }
    }
  }
}

extension BackendReading {
  fileprivate mutating func take(_ weights: [ServerName: Weight]) {
    for index in servers.indices {
      if let weight = weights[servers[index].name] { servers[index].weight = weight }
    }
  }
}

extension Snapshot {
  /// Shows with each peer how far its weights are off ours, in the backend where they are farthest.
  mutating func showWeightsApart() {
    for index in balancers.indices {
      let name = balancers[index].name
      balancers[index].weightsApart = backends.compactMap { $0.weightsApart[name] }.max()
    }
  }
}
