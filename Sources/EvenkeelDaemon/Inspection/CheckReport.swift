internal import Balancing
internal import Control

/// What `evenkeel check` found: plain values, in the form that `--json` prints.
package struct CheckReport: Encodable, Sendable {
  package var version = 1
  package var endpoints: [Endpoint]
  package var balancers: [Balancer]
  package var backends: [Backend]
  package var status: Status

  package struct Endpoint: Encodable, Sendable {
    package var name: String
    package var host: String
    package var cores: Double?
    package var containers: Int?
    /// Why it gave no answer.
    package var failure: String?
    package var hints: [String]
  }

  package struct Balancer: Encodable, Sendable {
    package var name: String
    package var address: String
    /// `admin`, `operator` or `user`.
    package var level: String?
    package var failure: String?
    package var hints: [String]
  }

  package struct Backend: Encodable, Sendable {
    package var name: String
    package var mode: String
    package var strategy: String
    package var servers: [Server]
    package var hints: [String]
  }

  package struct Server: Encodable, Sendable {
    package var name: String
    package var state: String
    package var weight: Int
    package var container: String?
    package var host: String?
    /// The rule that matched them.
    package var rule: String?
    package var quotaCores: Double?
    /// Why the container's load, or its limit, is not known.
    package var flaw: String?
    package var hints: [String]

    package var isEmptySlot: Bool { state == ServerState.unresolved.description }
  }

  /// Where the daemon shows what it does.
  package struct Status: Encodable, Sendable {
    package var listen: String
    package var hints: [String]
  }

  /// Whether a part could not be reached.
  package var isIncomplete: Bool {
    endpoints.contains { $0.failure != nil } || balancers.contains { $0.failure != nil }
  }

  /// Every hint with the place that it is about.
  package var hints: [String] {
    var lines: [String] = []
    for endpoint in endpoints { lines += endpoint.hints.map { "\(endpoint.name): \($0)" } }
    for balancer in balancers { lines += balancer.hints.map { "\(balancer.name): \($0)" } }
    for backend in backends {
      lines += backend.hints.map { "\(backend.name): \($0)" }
      for server in backend.servers {
        lines += server.hints.map { "\(backend.name)/\(server.name): \($0)" }
      }
    }
    return lines + status.hints.map { "status: \($0)" }
  }
}
