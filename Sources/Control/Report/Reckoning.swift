package import Balancing

/// The numbers behind one server's weights, as the strategy had them.
package struct Reckoning: Sendable {
  /// The container's samples that are kept, oldest first, on its host's clock.
  package var samples: [CPUSample]
  package var measured: Load.Measured?
  /// Requests that its cost was learned from, older ones counting less.
  package var evidenceRequests: Double?
  /// What the strategy wants of it.
  package var target: ServerPlan.Target
  /// The part of the backend's traffic that it is to have, 0…1; `nil` when no share is wanted.
  package var wantedShare: Double?
  /// Relative deviation from its share for which its weight is not written.
  package var tolerance: Double
  /// Its share of the requests over its share of the weights.
  package var response = 1.0
}

extension BackendObservation {
  /// Seconds since the newest sample of a server's container, on our clock; `nil` without one.
  func sampleAgeSeconds(of server: ServerObservation) -> Double? {
    guard let container = server.container, let newest = container.samples.last else { return nil }
    let offset = hosts[container.host]?.clockOffsetSeconds ?? 0
    return max(0, now.seconds(since: newest.timestamp) + offset)
  }
}

extension Plan {
  /// What all shares that are wanted come to.
  var wantedShares: Double { servers.compactMap(\.wantedShare).reduce(0, +) }
}

extension ServerPlan {
  fileprivate var wantedShare: Double? {
    if case .share(let share) = target { share } else { nil }
  }

  /// The part of the traffic that it is to have of all for which a share is wanted, 0…1.
  ///
  /// - Parameter all: ``Plan/wantedShares``.
  func wantedShare(of all: Double) -> Double? {
    wantedShare.flatMap { all > 0 ? $0 / all : nil }
  }
}
