internal import Balancing
package import Control

/// What `evenkeel plan` would set, and why: plain values, in the form that `--json` prints.
package struct PlanReport: Encodable, Sendable {
  package var version = 1
  package var endpoints: [Peer]
  package var balancers: [Peer]
  /// As the running daemon's status has them.
  package var backends: [StatusReport.Backend]

  package struct Peer: Encodable, Sendable {
    package var name: String
    @OrNull package var failure: String?
  }

  package init(_ snapshot: Snapshot) {
    endpoints = snapshot.endpoints.map {
      Peer(name: $0.name.text, failure: $0.failure?.description)
    }
    balancers = snapshot.balancers.map {
      Peer(name: $0.name.text, failure: $0.failure?.description)
    }
    backends = snapshot.backends.map { StatusReport.Backend($0, changes: []) }
  }
}
