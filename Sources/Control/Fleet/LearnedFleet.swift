package import Balancing

/// What outlasts a run, of all backends.
package struct LearnedFleet: Hashable, Codable, Sendable {
  package var backends: [BackendName: LearnedCosts] = [:]

  package init() {}

  /// Servers that anything was learned of.
  package var count: Int { backends.values.reduce(0) { $0 + $1.count } }
}
