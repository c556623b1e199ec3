internal import Balancing

extension ControlEvent {
  /// What was found of a weight that somebody else wrote.
  init(
    _ interference: WeightLedger.Interference, _ backend: BackendName, _ balancer: BalancerName
  ) {
    switch interference {
    case .leftToHand(let server, let from, let to, let seconds):
      self = .leftToHand(backend, server, balancer, from: from, to: to, seconds: seconds)
    case .changedByOthers(let server, let from, let to):
      self = .changedByOthers(backend, server, balancer, from: from, to: to)
    case .contested(let server, let suspect): self = .contested(backend, server, balancer, suspect)
    case .quietAgain(let server): self = .contestOver(backend, server, balancer)
    }
  }
}
