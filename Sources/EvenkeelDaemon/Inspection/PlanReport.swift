internal import Balancing
package import Control

/// What `evenkeel plan` would set, and why: plain values, in the form that `--json` prints.
package struct PlanReport: Encodable, Sendable {
  package var version = 1
  package var endpoints: [Peer]
  package var balancers: [Peer]
  /// As the running daemon's status has them.
  package var backends: [StatusReport.Backend]
  /// What `run` would do, for each of the backends.
  package var promises: [Promise]

  package struct Peer: Encodable, Sendable {
    package var name: String
    @OrNull package var failure: String?
  }

  /// - Parameter limit: how long it was looked at the most.
  package init(_ snapshot: Snapshot, within limit: Duration) {
    endpoints = snapshot.endpoints.map {
      Peer(name: $0.name.text, failure: $0.failure?.description)
    }
    balancers = snapshot.balancers.map {
      Peer(name: $0.name.text, failure: $0.failure?.description)
    }
    backends = snapshot.backends.map { StatusReport.Backend($0, changes: []) }
    promises = snapshot.backends.map { Promise($0, within: limit) }
  }

  /// Whether there is a backend that nothing can be said about.
  package var isIncomplete: Bool { promises.contains { $0.missing != nil } }
}

extension PlanReport {
  /// What would become of one backend, in figures and in one sentence.
  package struct Promise: Encodable, Sendable {
    package var backend: String
    /// Weights that would be written.
    package var writes: Int
    @OrNull package var spread: Double?
    @OrNull package var expectedSpread: Double?
    /// What a plan wants, and how to get it; `null` when there is a plan.
    @OrNull package var missing: String?
    package var sentence: String
  }
}

extension PlanReport.Promise {
  init(_ status: BackendStatus, within limit: Duration) {
    let writes = status.changes.count
    let (spread, expected) = (status.spread?.ifFinite, status.expectedSpread?.ifFinite)
    let missing = status.hasPlan ? nil : status.missing(after: limit)
    let sentence =
      missing.map { "no plan: \($0)" }
      ?? Self.sentence(writes: writes, from: spread, to: expected, mode: status.mode)
    self.init(
      backend: status.name.text, writes: writes, spread: spread, expectedSpread: expected,
      missing: missing, sentence: sentence)
  }

  private static func sentence(
    writes: Int, from spread: Double?, to expected: Double?, mode: BackendSettings.Mode
  ) -> String {
    guard writes > 0 else {
      let now = spread.map { "; spread \(decimal($0, 2))" } ?? ""
      return "would write nothing: every share is near enough to the one wanted\(now)"
    }
    let count = writes == 1 ? "1 weight" : "\(writes) weights"
    let condition = mode == .observe ? " in mode control (the mode is observe)" : ""
    guard let spread, let expected else { return "would write \(count)\(condition)" }
    return "would write \(count)\(condition); expected spread \(decimal(spread, 2)) → "
      + decimal(expected, 2)
  }
}

extension BackendStatus {
  private static let mostGroups = 4
  private static let mostNames = 6

  /// What keeps a backend from a plan, and what helps.
  fileprivate func missing(after limit: Duration) -> String {
    // Costs are not learned without requests either.
    let isIdle =
      condition == .holding(.idle) || (condition == .holding(.learning) && demandPerSecond == 0)
    guard !isIdle else { return "no requests arrive; look while there is a load" }
    var parts = [condition == .steering ? "no weight is known yet" : "\(condition)"]
    // Servers in the same situation are named together.
    var groups: [(names: [String], condition: String)] = []
    for server in servers where server.state == .up && server.condition != .live {
      let condition = server.condition.description
      if let index = groups.firstIndex(where: { $0.condition == condition }) {
        groups[index].names.append(server.name.text)
      } else {
        groups.append(([server.name.text], condition))
      }
    }
    parts += groups.prefix(Self.mostGroups).map { group in
      let names = group.names.prefix(Self.mostNames).joined(separator: ", ")
      let more = group.names.count - Self.mostNames
      return "\(names)\(more > 0 ? " and \(more) more" : ""): \(group.condition)"
    }
    guard awaitsMore else { return parts.joined(separator: "; ") }
    let longer = min(max(limit * 2, .seconds(60)), PlanReport.longestLook)
    guard longer > limit else { return parts.joined(separator: "; ") }
    return parts.joined(separator: "; ") + "; look longer: --window \(DurationText(longer))"
  }
}

extension PlanReport {
  package static let shortestLook = Duration.seconds(1)
  package static let longestLook = Duration.seconds(600)
  /// Long enough for a cAdvisor that reads its containers every ten seconds.
  package static let standardLook = Duration.seconds(30)
}
