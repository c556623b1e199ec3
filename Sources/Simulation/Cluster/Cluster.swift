package import Balancing
package import Control
internal import Synchronization

/// A cluster in memory behind the control loop's ports.
///
/// Time moves only by `advance(to:)`; between two moves everything stands still, and whoever reads
/// or writes does so at that moment.
package final class Cluster: Sendable {
  /// The only backend.
  package static let backend: BackendName = "backend"
  /// The time of second 0.
  package static let epoch = Timestamp(nanoseconds: 1_700_000_000_000_000_000)

  package let scenario: Scenario
  private let state: Mutex<ClusterState>

  package init(_ scenario: Scenario, seed: UInt64) {
    self.scenario = scenario
    state = Mutex(ClusterState(scenario, seed: seed))
  }

  /// The moment that it stands at.
  package var now: Timestamp { Self.epoch.advanced(bySeconds: seconds) }

  /// The same, in seconds from the start.
  package var seconds: Double { state.withLock { $0.now } }

  /// Lets time pass.
  package func advance(to seconds: Double) { state.withLock { $0.advance(to: seconds) } }

  /// All that was written down so far.
  package var written: ClusterRecord { state.withLock { $0.record } }

  /// The weights that stand, by balancer and server.
  package var weights: [[Int]] { state.withLock { $0.weights } }

  /// What is true now, for a strategy that knows all.
  package var truth: ClusterTruth { state.withLock { $0.truth } }

  /// The cAdvisors, one a host.
  package var endpoints: [any LoadSource] {
    scenario.hosts.indices.map { Endpoint(cluster: self, index: $0) }
  }

  /// The HAProxies.
  package var balancers: [any Balancer] {
    scenario.balancers.indices.map { Proxy(cluster: self, index: $0) }
  }

  private struct Endpoint: LoadSource {
    let cluster: Cluster
    let index: Int
    var name: EndpointName { EndpointName("http://\(host):8080") }
    var host: HostName { cluster.scenario.hosts[index].name }

    func read() async throws(PortFailure) -> HostReading {
      guard let reading = cluster.state.withLock({ $0.hostReading(index) }) else {
        throw PortFailure(.unreachable, "\(name): connection refused")
      }
      return reading
    }
  }

  private struct Proxy: Balancer {
    let cluster: Cluster
    let index: Int
    var name: BalancerName { cluster.scenario.balancers[index].name }

    func read(_ backends: [BackendName]) async throws(PortFailure) -> BalancerReading {
      cluster.state.withLock { $0.balancerReading(index) }
    }

    func write(_ writes: [WeightWrite], to process: ProcessIdentity) async throws(PortFailure)
      -> [WriteOutcome]
    {
      cluster.state.withLock { $0.write(writes, to: process, on: index) }
    }
  }
}

/// What is written down of a run.
package struct ClusterRecord: Sendable {
  package var seconds: [RunRecord.Second] = []
  package var requests: [RunRecord.RequestOutcome] = []
  package var writes: [RunRecord.WeightWritten] = []
}

/// What nobody but a simulation can know.
package struct ClusterTruth: Sendable {
  package struct Server: Sendable {
    package var name: ServerName
    package var host: HostName
    package var serves: Bool
    /// CPU seconds that a mean request costs it at present.
    package var cost: Double
    package var limitCores: Double
    package var baseCores: Double
  }

  package var servers: [Server]
  /// Cores, and what neighbours take of them while our servers want all that they may have.
  package var hosts: [HostName: (cores: Double, neighbourCores: Double)]
  package var requestsPerSecond: Double
}
