internal import Balancing

/// What one balancer's new weights mean for its servers, and why each is changed.
struct ChangedWeights {
  /// Of two servers, the causes that take the most away beside utilisation; the greater first.
  private let greatest: [(server: ServerName, cause: ShareCause)]
  /// How many servers' queues have been cleared.
  private let cleared: Int
  /// Mean utilisation of those that are seen.
  private let mean: Double?
  private let before: [ServerName: Double]
  private let after: [ServerName: Double]

  /// - Parameter new: the weights that are to be written; the others stay.
  init(
    _ servers: [ServerReading], new: [ServerName: Weight], plan: Plan, mean: Double?
  ) {
    let causes = plan.servers.compactMap { server in server.cause.map { (server.name, $0) } }
    let first = causes.max { $0.1.takesAway < $1.1.takesAway }
    let second = causes.filter { $0.0 != first?.0 }.max { $0.1.takesAway < $1.1.takesAway }
    greatest = [first, second].compactMap(\.self)
    cleared = causes.count { $0.1 == .cleared }
    self.mean = mean
    let taking = servers.filter(\.state.takesTraffic)
    before = Self.shares(taking) { $0.weight }
    after = Self.shares(taking) { new[$0.name] ?? $0.weight }
  }

  private static func shares(
    _ servers: [ServerReading], _ weight: (ServerReading) -> Weight
  ) -> [ServerName: Double] {
    let weights = servers.map { ($0.name, Double(weight($0).value)) }
    let sum = weights.reduce(0) { $0 + $1.1 }
    guard sum > 0 else { return [:] }
    return Dictionary(weights.map { ($0.0, $0.1 / sum) }) { first, _ in first }
  }

  func shares(of server: ServerName) -> WeightChange.Shares? {
    guard let before = before[server], let after = after[server] else { return nil }
    return WeightChange.Shares(before: before, after: after)
  }

  /// The cause that fits what happens to the server's share: its own, else that of its utilisation,
  /// else what happens to others.
  func reason(of planned: ServerPlan) -> WeightChange.Reason {
    if case .reduce(_, let reduction) = planned.target { return .reduction(reduction) }
    guard let utilisation = planned.utilisation else { return .levelling(nil, mean: mean) }
    guard let shares = shares(of: planned.name) else { return .due }
    if let own = own(planned.cause, rises: shares.rises) { return own }
    guard shares.differ else { return .scale }
    if let mean, shares.rises ? utilisation.value < mean : utilisation.value > mean {
      return .levelling(utilisation, mean: mean)
    }
    if shares.rises, let cause = greatest.first(where: { $0.server != planned.name })?.cause,
      cause.takesAway > 0
    {
      return .standingIn(cause)
    }
    if !shares.rises, cleared > (planned.cause == .cleared ? 1 : 0) { return .relieved }
    return .due
  }

  private func own(_ cause: ShareCause?, rises: Bool) -> WeightChange.Reason? {
    switch cause {
    case .clearing(let requests): .clearing(requests: requests)
    case .cleared: rises ? .cleared : nil
    case .piling: rises ? nil : .piling
    case .young: rises ? nil : .young
    case .failing: rises ? nil : .failing
    case nil: nil
    }
  }
}

extension ShareCause {
  /// Roughly how much traffic it takes from its server, by which one of several is named; 0 is none.
  fileprivate var takesAway: Int {
    switch self {
    case .clearing: 4
    case .piling: 3
    case .failing: 2
    case .young: 1
    case .cleared: 0
    }
  }
}
