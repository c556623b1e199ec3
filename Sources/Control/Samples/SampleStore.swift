package import Balancing

/// The rolling CPU samples of every container and host: what the endpoints said, tick after tick.
///
/// It takes readings in and hands out an immutable view; it waits for nothing inside.
package actor SampleStore {
  private var contents: Contents
  /// The containers that are servers, by host; `nil` while nobody has said.
  private var serving: [HostName: Set<String>]?

  package init(_ contents: Contents = Contents()) { self.contents = contents }

  /// Takes in what the endpoints said.
  ///
  /// - Parameter seconds: for which samples are kept.
  /// - Returns: all that is known now. An endpoint that did not answer keeps what it had, growing
  ///   older; a container that its endpoint no longer lists is gone.
  package func ingest(
    _ outcomes: [EndpointOutcome], keepingFor seconds: Double = SampleWindow.longestSeconds
  ) -> SampleView {
    for outcome in outcomes {
      contents.ingest(outcome, serving: serving, keepingFor: seconds)
    }
    return view
  }

  /// Takes in what one endpoint said.
  ///
  /// - Returns: the same without its containers.
  package func take(
    _ outcome: EndpointOutcome, keepingFor seconds: Double
  ) -> EndpointOutcome {
    contents.ingest(outcome, serving: serving, keepingFor: seconds)
    return outcome.withoutContainers
  }

  /// Says which containers are servers, by their ids: of the others next to nothing is kept.
  package func serve(_ containers: [HostName: Set<String>]) { serving = containers }

  /// Forgets the hosts that are no longer polled.
  package func keepOnly(_ hosts: Set<HostName>) {
    contents.hosts = contents.hosts.filter { hosts.contains($0.key) }
    contents.inventoryVersions = contents.inventoryVersions.filter { hosts.contains($0.key) }
    contents.inventoryVersion += 1
  }

  package var view: SampleView {
    contents.findSameMachines()
    return SampleView(
      hosts: contents.hosts, inventoryVersion: contents.inventoryVersion,
      inventoryVersions: contents.inventoryVersions,
      sameMachines: contents.sameMachines)
  }

  /// What a later run can go on from.
  package var snapshot: Contents { contents }
}

extension SampleStore {
  /// All that the store holds.
  package struct Contents: Codable, Sendable {
    package fileprivate(set) var hosts: [HostName: HostTrack] = [:]
    /// Of use to what was matched by it alone, which is not kept either.
    fileprivate var inventoryVersion = 0
    fileprivate var inventoryVersions: [HostName: Int] = [:]
    fileprivate var sameMachines = SameMachines()
    /// `nil` before any was: what is restored may hold one machine twice.
    private var comparedVersion: Int?

    private enum CodingKeys: CodingKey { case hosts }

    package init() {}

    fileprivate mutating func ingest(
      _ outcome: EndpointOutcome, serving: [HostName: Set<String>]?, keepingFor seconds: Double
    ) {
      guard case .success(let reading) = outcome.answer else {
        if hosts[outcome.host]?.takeSilence() == true { inventoryVersion += 1 }
        return
      }
      let hasChanged = hosts[outcome.host, default: HostTrack()].take(
        reading, receivedAt: outcome.receivedAt,
        serving: serving.map { $0[outcome.host] ?? [] }, keepingFor: seconds)
      guard hasChanged else { return }
      inventoryVersion += 1
      inventoryVersions[outcome.host] = inventoryVersion
    }

    fileprivate mutating func findSameMachines() {
      guard comparedVersion != inventoryVersion else { return }
      comparedVersion = inventoryVersion
      sameMachines = SameMachines(hosts)
    }
  }
}

/// An immutable view of the store.
package struct SampleView: Sendable {
  package var hosts: [HostName: HostTrack]
  /// Rises whenever a container comes, goes, or changes its names, or a host its addresses.
  package var inventoryVersion: Int
  /// What it was when that happened on each host last.
  package var inventoryVersions: [HostName: Int] = [:]
  package var sameMachines = SameMachines()

  /// Those of the sources whose hosts were never read.
  package func unread(of sources: [any LoadSource]) -> [any LoadSource] {
    sources.filter { hosts[$0.host] == nil }
  }

  /// What is known of the container of a match.
  func track(of match: Match) -> ContainerTrack? {
    match.container.flatMap { hosts[$0.host]?.containers[$0.id] }
  }
}
