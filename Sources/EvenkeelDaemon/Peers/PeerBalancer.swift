package import Balancing
package import Control

/// Another evenkeel's balancers, as `Control` reads them: counters of the same servers, and never
/// weights to write. Each daemon writes its own.
package struct PeerBalancer: Balancer {
  package let name: BalancerName
  private let client: StatusClient
  /// This daemon's own.
  private let instance: String

  package init(name: BalancerName, client: StatusClient, instance: String) {
    self.name = name
    self.client = client
    self.instance = instance
  }

  /// A report that is older than so many of its intervals is of a loop that does not go on.
  private static let freshIntervals = 4.0
  private static let leastFreshSeconds = 15.0

  package func read(_ backends: [BackendName]) async throws(PortFailure) -> BalancerReading {
    let report: PeerReport
    do {
      report = try await client.peerReport()
    } catch let refusal as StatusClient.Refused {
      throw PortFailure(.refused, "the peer \(refusal)")
    } catch {
      throw PortFailure(.unreachable, "the peer \(error)")
    }
    guard report.version == PeerReport.currentVersion else {
      throw PortFailure(
        .refused,
        "the peer \(name) is evenkeel \(report.evenkeel), which tells its peers in version "
          + "\(report.version) of the form; this one reads version \(PeerReport.currentVersion)")
    }
    // One's own address among the peers' counts nothing twice.
    guard report.instance != instance else {
      return BalancerReading(
        process: ProcessIdentity(pid: 0, startedAtSeconds: 0), isStopping: false,
        backends: Dictionary(
          backends.map {
            ($0, BackendReading(algorithm: .dynamic(.rate), algorithmName: "", servers: []))
          }, uniquingKeysWith: { first, _ in first }))
    }
    let most = max(Self.leastFreshSeconds, Self.freshIntervals * report.intervalSeconds)
    guard report.ageSeconds <= most else {
      throw PortFailure(
        .timedOut,
        "the peer \(name) has not looked at its HAProxy for \(decimal(report.ageSeconds, 0)) s")
    }
    guard !report.balancers.isEmpty else {
      throw PortFailure(.unreachable, "the peer \(name) cannot read its HAProxy")
    }
    return report.reading(of: backends)
  }

  package func write(
    _ writes: [WeightWrite], to process: ProcessIdentity
  ) async throws(PortFailure) -> [WriteOutcome] {
    throw PortFailure(.permissionDenied, "\(name) is a peer, which writes its own weights")
  }
}
