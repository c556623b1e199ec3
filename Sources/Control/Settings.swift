package import Balancing

/// What a tick needs to know of the configuration: an immutable snapshot.
package struct ControlSettings: Sendable, Equatable {
  package var interval: Duration
  package var backends: [BackendSettings]
  /// Balancers that are read but never written to.
  package var readOnlyBalancers: Set<BalancerName>
  /// Those of them that other daemons tell of.
  package var peers: Set<BalancerName>
  /// By which this daemon is known among them.
  package var teller = ""

  package init(
    interval: Duration, backends: [BackendSettings], readOnlyBalancers: Set<BalancerName> = [],
    peers: Set<BalancerName> = []
  ) {
    self.interval = interval
    self.backends = backends
    self.readOnlyBalancers = readOnlyBalancers
    self.peers = peers
  }

  /// Those that weights are set on.
  var writtenBalancers: Set<BalancerName> {
    Set(backends.filter { $0.mode == .control }.flatMap(\.balancers)).subtracting(
      readOnlyBalancers)
  }

  /// Which backends are asked of which balancer.
  package var backendsByBalancer: [BalancerName: [BackendName]] {
    var names: [BalancerName: [BackendName]] = [:]
    for backend in backends {
      for balancer in backend.balancers { names[balancer, default: []].append(backend.name) }
    }
    return names
  }
}

/// How one backend is to be levelled.
package struct BackendSettings: Sendable, Equatable {
  package enum Mode: String, Hashable, Sendable, CaseIterable {
    /// Writes weights.
    case control
    /// Does everything but write.
    case observe
  }

  package typealias StrategyKind = BackendStrategy.Kind

  /// What CPU use is divided by.
  package enum Measure: String, Hashable, Sendable, CaseIterable {
    /// The fullest of quota and host, neighbours included.
    case fullest
    /// The host's cores alone, as the 2015 script had it.
    case container
  }

  package var name: BackendName
  package var balancers: [BalancerName]
  package var matching: MatchingRules
  package var strategy: StrategyKind
  package var mode: Mode
  package var measure: Measure
  package var weights: WeightBounds
  /// Servers whose weights are somebody else's: seen, and never written.
  package var hold: Set<ServerName>
  /// How long a weight that somebody else set is left alone; not at all where it is zero.
  package var respect: Duration

  package init(
    name: BackendName, balancers: [BalancerName], matching: MatchingRules,
    strategy: StrategyKind = .capacity, mode: Mode = .control, measure: Measure = .fullest,
    weights: WeightBounds = .standard, hold: Set<ServerName> = [], respect: Duration = .zero
  ) {
    self.name = name
    self.balancers = balancers
    self.matching = matching
    self.strategy = strategy
    self.mode = mode
    self.measure = measure
    self.weights = weights
    self.hold = hold
    self.respect = respect
  }
}
