import Balancing
package import Control

/// All that evenkeel is told: validated, and never changed once it is read.
package struct Configuration: Sendable, Equatable {
  /// What becomes of the weights when evenkeel stops.
  package enum OnStop: String, Hashable, Sendable, CaseIterable {
    /// They stay as they are.
    case keep
    /// The initial ones are put back.
    case restore
  }

  /// Time between ticks, within `allowedIntervals`.
  package let interval: Duration
  /// Those that are listed.
  package let endpoints: [EndpointConfiguration]
  /// How others are found.
  package var findings: [FindingConfiguration] = []
  package let balancers: [BalancerConfiguration]
  package let backends: [BackendSettings]
  package let onStop: OnStop
  package let status: StatusConfiguration
  /// Other evenkeels whose balancers send to the same servers.
  package var peers: [PeerConfiguration] = []

  package static let allowedIntervals: ClosedRange<Duration> = .seconds(1)...(.seconds(600))
  package static let standardInterval: Duration = .seconds(10)
}

extension Configuration {
  /// What a tick needs to know of it.
  package var controlSettings: ControlSettings { controlSettings(peers: peers) }

  /// - Parameter peers: those that there are now.
  func controlSettings(peers: [PeerConfiguration]) -> ControlSettings {
    let peerNames = peers.map(\.name)
    return ControlSettings(
      interval: interval,
      backends: backends.map { backend in
        var backend = backend
        backend.balancers += peerNames
        return backend
      },
      readOnlyBalancers: Set(balancers.filter { !$0.writes }.map(\.name) + peerNames),
      peers: Set(peerNames))
  }
}
