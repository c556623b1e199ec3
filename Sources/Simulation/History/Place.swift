internal import Balancing
internal import Control

/// Where a weight stands: a server of a backend on one balancer.
struct Place: Hashable, Sendable {
  var backend: BackendName
  var balancer: BalancerName
  var server: ServerName
}

extension Place {
  init(of change: WeightChange) {
    self.init(backend: change.backend, balancer: change.balancer, server: change.server)
  }
}

extension TickReport {
  /// The weights that evenkeel wrote.
  var written: [WeightChange] {
    events.compactMap { event in
      if case .weightChanged(let change) = event { change } else { nil }
    }
  }

  /// Where it said that somebody else sets the weight.
  var toldOfOthers: Set<Place> {
    Set(
      events.compactMap { event -> Place? in
        switch event {
        case .changedByOthers(let name, let server, let balancer, _, _),
          .leftToHand(let name, let server, let balancer, _, _, _):
          Place(backend: name, balancer: balancer, server: server)
        default: nil
        }
      })
  }
}
