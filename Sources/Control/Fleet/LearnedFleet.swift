package import Balancing

/// What outlasts a run, of all backends.
package struct LearnedFleet: Hashable, Codable, Sendable {
  package var backends: [BackendName: LearnedCosts] = [:]
  /// Weights that somebody set by hand, by backend and balancer; `nil` without any.
  package var hands: [BackendName: [BalancerName: [ServerName: WeightLedger.ManualWeight]]]?

  package init() {}

  package var isEmpty: Bool { count == 0 && hands == nil }

  /// Servers that anything was learned of.
  package var count: Int { backends.values.reduce(0) { $0 + $1.count } }
}
