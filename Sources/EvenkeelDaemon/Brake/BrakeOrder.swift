internal import Balancing
internal import CheckedJSON
package import Control

/// What somebody asks of a running daemon, as it goes over its local socket.
package struct BrakeOrder: Codable, Equatable, Sendable {
  package static let currentVersion = 1

  package enum Action: String, Codable, CaseIterable, Sendable {
    case pause, resume, restore
  }

  package var version = currentVersion
  package var action: Action
  /// All backends without one.
  package var backend: String?
  /// All of the backend's without one.
  package var server: String?
  /// Until somebody ends it without one.
  package var seconds: Double?
  /// Who sits behind a user that several may become.
  package var askedBy: String?

  package init(
    _ action: Action, backend: String? = nil, server: String? = nil, seconds: Double? = nil,
    askedBy: String? = nil
  ) {
    self.action = action
    self.backend = backend
    self.server = server
    self.seconds = seconds
    self.askedBy = askedBy
  }

  /// The longest that can be asked for: a year.
  package static let longestSeconds = 31_536_000.0

  /// Why it cannot be carried out.
  package struct Refusal: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// What is meant, held against what there is.
  ///
  /// - Parameters:
  ///   - report: only made where something is named.
  ///   - brake: what is paused already.
  package func scope(
    in report: @autoclosure () -> StatusReport, brake: Brake
  ) throws(Refusal) -> Brake.Scope {
    guard version == Self.currentVersion else {
      throw Refusal(description: "the daemon is of another version: restart it")
    }
    if let seconds, !(seconds >= 1 && seconds <= Self.longestSeconds) {
      throw Refusal(description: "a pause lasts from a second to a year")
    }
    guard let backend else {
      guard server == nil else { throw Refusal(description: "a server is of a backend: name it") }
      return .all
    }
    let report = report()
    guard let found = report.backends.first(where: { $0.name == backend }) else {
      throw Self.unknown("backend", backend, among: report.backends.map(\.name))
    }
    let name = BackendName(found.name)
    if action == .resume, brake.pauses[.all] != nil {
      throw Refusal(
        description: "all backends are paused together: `evenkeel resume` without a name ends that")
    }
    guard let server else { return .backend(name) }
    // A backend whose HAProxy was never read has no servers that are known.
    guard found.servers.isEmpty || found.servers.contains(where: { $0.name == server }) else {
      throw Self.unknown("server of \(backend)", server, among: found.servers.map(\.name))
    }
    if action == .resume, brake.pauses[.backend(name)] != nil {
      throw Refusal(
        description: "all of \(backend) is paused: `evenkeel resume \(backend)` ends that")
    }
    return .server(name, ServerName(server))
  }

  private static func unknown(_ kind: String, _ name: String, among known: [String]) -> Refusal {
    Refusal(
      description: "there is no \(kind) \(QuotedText(name)); "
        + NearestText.hint(insteadOf: name, among: known))
  }
}

/// What the daemon says to it.
package struct BrakeReply: Codable, Equatable, Sendable {
  package var version = BrakeOrder.currentVersion
  package var done: Bool
  /// Sentences.
  package var lines: [String]

  package init(done: Bool, lines: [String]) {
    self.done = done
    self.lines = lines
  }
}
