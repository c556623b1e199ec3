package import Balancing
package import Control

/// Another evenkeel's balancers, as `Control` reads them: counters of the same servers, and never
/// weights to write. Each daemon writes its own.
package struct PeerBalancer: Balancer {
  package let name: BalancerName
  private let client: StatusClient
  /// Whether it is on this machine.
  private let isNear: Bool
  /// This daemon's own.
  private let instance: String

  package init(name: BalancerName, client: StatusClient, isNear: Bool, instance: String) {
    self.name = name
    self.client = client
    self.isNear = isNear
    self.instance = instance
  }

  /// - Throws: why its address or its token cannot be used.
  init(_ peer: PeerConfiguration) throws {
    let token = try peer.tokenFile.map { try StatusToken.read($0) }
    self.init(
      name: peer.name, client: try StatusClient(peer: peer, token: token), isNear: peer.isNear,
      instance: DaemonInstance.current)
  }

  /// A report that is older than so many of its intervals is of a loop that does not go on.
  private static let freshIntervals = 4.0
  private static let leastFreshSeconds = 15.0

  package func read(_ backends: [BackendName]) async throws(PortFailure) -> BalancerReading {
    let answer: PeerAnswer
    do {
      answer = try await client.peerReport()
    } catch let refusal as StatusClient.Refused {
      throw PortFailure(.refused, "the peer \(refusal)")
    } catch {
      throw PortFailure(.unreachable, "the peer \(error)")
    }
    guard case .report(let report) = answer else {
      throw PortFailure(.refused, "the peer \(name) \(answer.otherVersion ?? "")")
    }
    // One's own address among the peers' counts nothing twice.
    guard report.instance != instance else {
      var reading = BalancerReading(
        process: ProcessIdentity(pid: 0, startedAtSeconds: 0), isStopping: false,
        backends: Dictionary(
          backends.map {
            ($0, BackendReading(algorithm: .dynamic(.rate), algorithmName: "", servers: []))
          }, uniquingKeysWith: { first, _ in first }))
      reading.teller = instance
      return reading
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
    return report.reading(of: backends, isNear: isNear)
  }

  package func write(
    _ writes: [WeightWrite], to process: ProcessIdentity
  ) async throws(PortFailure) -> [WriteOutcome] {
    throw PortFailure(.permissionDenied, "\(name) is a peer, which writes its own weights")
  }
}

extension PeerAnswer {
  /// What is said of a peer of another version.
  fileprivate var otherVersion: String? {
    guard case .other(let version, let evenkeel) = self else { return nil }
    return "is evenkeel \(evenkeel), which tells its peers in version \(version) of the form; this "
      + "one reads version \(PeerReport.currentVersion): upgrade the older one"
  }
}
