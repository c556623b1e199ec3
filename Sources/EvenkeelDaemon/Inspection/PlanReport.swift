internal import Balancing
package import Control

/// What `evenkeel plan` would set, and why: plain values, in the form that `--json` prints.
package struct PlanReport: Encodable, Sendable {
  package var version = 1
  package var endpoints: [Peer]
  package var balancers: [Peer]
  package var backends: [Backend]

  package struct Peer: Encodable, Sendable {
    package var name: String
    package var failure: String?
  }

  package struct Backend: Encodable, Sendable {
    package var name: String
    package var mode: String
    /// What it does: `steering`, or why it holds.
    package var condition: String
    /// Whether `halfway` steers in the place of `capacity`.
    package var isFallingBack: Bool
    package var demandPerSecond: Double?
    package var meanUtilisation: Double?
    /// Worst over mean utilisation.
    package var spread: Double?
    package var servers: [Server]
  }

  package struct Server: Encodable, Sendable {
    package var name: String
    package var state: String
    package var condition: String
    package var container: String?
    package var utilisation: Double?
    /// `quota` or `host`.
    package var limit: String?
    package var cpuCores: Double?
    package var costPerRequest: Double?
    package var requestsPerSecond: Double?
    package var weights: [Weight]
  }

  package struct Weight: Encodable, Sendable {
    package var balancer: String
    package var standing: Int
    package var wanted: Int
    /// Why it would change; `nil` when it would not.
    package var reason: String?
  }

  package init(_ snapshot: Snapshot) {
    endpoints = snapshot.endpoints.map {
      Peer(name: $0.name.text, failure: $0.failure?.description)
    }
    balancers = snapshot.balancers.map {
      Peer(name: $0.name.text, failure: $0.failure?.description)
    }
    backends = snapshot.backends.map(Backend.init)
  }
}

extension PlanReport.Backend {
  fileprivate init(_ status: BackendStatus) {
    self.init(
      name: status.name.text, mode: status.mode.rawValue,
      condition: status.condition.description, isFallingBack: status.isFallingBack,
      demandPerSecond: status.demandPerSecond,
      meanUtilisation: status.meanUtilisation, spread: status.spread,
      servers: status.servers.map { PlanReport.Server($0, changes: status.changes) })
  }
}

extension PlanReport.Server {
  fileprivate init(_ status: ServerStatus, changes: [WeightChange]) {
    self.init(
      name: status.name.text, state: status.state.description,
      condition: status.condition.description,
      container: status.match.container?.description, utilisation: status.utilisation?.value,
      limit: status.utilisation?.limit.rawValue, cpuCores: status.cpuCores,
      costPerRequest: status.costPerRequest, requestsPerSecond: status.requestsPerSecond,
      weights: status.weights.map { weight in
        let change = changes.first {
          $0.server == status.name && $0.balancer == weight.balancer
        }
        return PlanReport.Weight(
          balancer: weight.balancer.text, standing: weight.standing.value,
          wanted: change?.new.value ?? weight.standing.value,
          reason: change?.reason.description)
      })
  }
}
