import CheckedJSON

/// What requests are like, and how many come.
extension ScenarioReading {
  mutating func request(_ node: JSONNode) -> RequestModel {
    var model = Self.noRequest
    guard let object = object(node, of: ScenarioKeys.Request.self) else { return model }
    read(required(.cpu, of: object), in: ScenarioLimits.requestCPU, into: &model.cpuSeconds)
    read(object[.cv], in: ScenarioLimits.variation, into: &model.variation)
    read(object[.io], in: ScenarioLimits.io, into: &model.ioSeconds)
    read(object[.timeout], in: ScenarioLimits.timeout, into: &model.timeoutSeconds)
    return model
  }

  mutating func demand(_ node: JSONNode) -> DemandModel {
    var model = Self.noDemand
    guard let object = object(node, of: ScenarioKeys.Demand.self) else { return model }
    read(required(.rps, of: object), in: ScenarioLimits.rate, into: &model.requestsPerSecond)
    read(object[.burst], in: ScenarioLimits.burst, into: &model.burst)
    read(object[.pinned], in: ScenarioLimits.part, into: &model.pinned)
    model.clients =
      object[.clients].flatMap { integer($0, in: ScenarioLimits.clients) }
      ?? model.clients
    return model
  }

  /// Reports more requests than a run can hold, at once or in all.
  ///
  /// - Parameter path: where the demand stands.
  mutating func checkDemand(of scenario: Scenario, at path: String) {
    let most = scenario.mostDemand
    let peak = most.peakFactor * scenario.demand.requestsPerSecond
    if peak > ScenarioLimits.rate.upperBound {
      report(
        path, "grows by the events to \(PlainNumber(peak.rounded())) requests a second",
        hint: "allowed: up to \(PlainNumber(ScenarioLimits.rate.upperBound))")
    }
    let total = most.factorSeconds * scenario.demand.requestsPerSecond
    if total > ScenarioLimits.requests {
      report(
        path, "makes \(PlainNumber(total.rounded())) requests in the whole run",
        hint: "allowed: up to \(PlainNumber(ScenarioLimits.requests))")
    }
  }
}

extension Scenario {
  /// The largest factor on the demand, and the factor's integral over the run.
  fileprivate var mostDemand: (peakFactor: Double, factorSeconds: Double) {
    let steps = events.enumerated().flatMap { index, event -> [DemandStep] in
      guard case .demand(let factor, let seconds) = event.change else { return [] }
      return event.times.map {
        DemandStep(atSeconds: $0, index: index, factor: factor, overSeconds: seconds)
      }
    }.sorted { ($0.atSeconds, $0.index) < ($1.atSeconds, $1.index) }
    var (factor, peak, integral) = (1.0, 1.0, steps.first?.atSeconds ?? durationSeconds)
    for (index, step) in steps.enumerated() {
      let end = index + 1 < steps.count ? steps[index + 1].atSeconds : durationSeconds
      let length = end - step.atSeconds
      let climb = min(length, step.overSeconds)
      let part = step.overSeconds > 0 ? climb / step.overSeconds : 1
      let reached = factor + (step.factor - factor) * part
      integral += climb * (factor + reached) / 2 + (length - climb) * reached
      (factor, peak) = (reached, max(peak, reached))
    }
    return (peak, integral)
  }
}

private struct DemandStep {
  let atSeconds: Double
  /// Among the events: of two at the same time the later one stands.
  let index: Int
  let factor: Double
  let overSeconds: Double
}
