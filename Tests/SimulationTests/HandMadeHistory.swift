import Balancing
@testable import Control

@testable import Simulation

/// Ticks made by hand, ten seconds apart.
protocol HandMadeHistory {}

extension HandMadeHistory {
  var settings: ControlSettings {
    ControlSettings(
      interval: .seconds(10),
      backends: [
        BackendSettings(
          name: "web", balancers: ["lb1"], matching: MatchingRules(pattern: NoName()))
      ])
  }

  func server(
    _ name: ServerName, _ standing: Int, state: ServerState = .up, isSeen: Bool = true,
    condition: ServerCondition = .live, requestsPerSecond: Double? = nil, cpuCores: Double? = nil
  ) -> ServerStatus {
    ServerStatus(
      name: name, state: state, condition: condition, match: .none,
      utilisation: isSeen ? Utilisation(0.5, of: .quota) : nil, cpuCores: cpuCores,
      requestsPerSecond: requestsPerSecond, share: 0.5,
      weights: [
        BalancerWeight(
          balancer: "lb1", standing: Weight(clamping: standing),
          wanted: Weight(clamping: standing))
      ])
  }

  func change(
    _ name: ServerName, _ old: Int, _ new: Int,
    _ reason: WeightChange.Reason = .levelling(nil, mean: nil)
  ) -> WeightChange {
    WeightChange(
      backend: "web", server: name, balancer: "lb1", old: Weight(clamping: old),
      new: Weight(clamping: new), reason: reason)
  }

  func report(
    _ tick: Int, _ servers: [ServerStatus], writing changes: [WeightChange] = [],
    events: [ControlEvent] = [], mode: BackendSettings.Mode = .control,
    failure: PortFailure? = nil, demandPerSecond: Double? = nil
  ) -> TickReport {
    TickReport(
      snapshot: Snapshot(
        tick: tick, at: Cluster.epoch.advanced(bySeconds: Double(tick) * 10), endpoints: [],
        balancers: [BalancerStatus(name: "lb1", failure: failure)],
        backends: [
          BackendStatus(
            name: "web", mode: mode, condition: .steering, demandPerSecond: demandPerSecond,
            servers: servers, changes: changes)
        ]),
      events: events + changes.map(ControlEvent.weightChanged))
  }
}

private struct NoName: NamePattern {
  let source = "$"
  func groups(atStartOf name: String) -> [String?]? { nil }
}
