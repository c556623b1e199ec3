import CheckedJSON

/// What is wrong with a counter.
extension ScenarioReading {
  private typealias Keys = ScenarioKeys.Event

  /// A fault's name in a file.
  private enum FaultName: String, CaseIterable {
    case right, frozen, zero, missing, slow, spike, fall
  }

  /// How an event's faults are meant.
  struct FaultDetails {
    var seconds: Double?
    var part: Double?
    var cpuSeconds: Double?
  }

  /// Reads the keys that tell how faults are meant, and reports those that no fault here wants.
  ///
  /// - Parameter lastingKeys: keys beside the counters' that `for` goes with.
  mutating func faultDetails(
    in object: JSONObject<ScenarioKeys.Event>, lastingKeys: [ScenarioKeys.Event]
  ) -> FaultDetails {
    let faults = [Keys.counter, .machineCounter].compactMap { key -> FaultName? in
      guard case .string(let text) = object[key]?.value else { return nil }
      return FaultName(rawValue: text)
    }
    let wanted: [(key: ScenarioKeys.Event, faults: Set<FaultName>)] = [
      (.part, [.slow]), (.by, [.spike]), (.lasting, [.frozen, .zero, .missing, .slow]),
    ]
    for (key, users) in wanted where object[key] != nil && users.isDisjoint(with: faults) {
      if key == .lasting, lastingKeys.contains(where: { object[$0] != nil }) { continue }
      let names = FaultName.allCases.filter(users.contains).map(\.rawValue)
      report(object.path(of: key), "has no use without `\(names.joined(separator: ", "))`")
    }
    return FaultDetails(
      seconds: object[.lasting].flatMap { number($0, in: ScenarioLimits.lasting) },
      part: object[.part].flatMap { number($0, in: ScenarioLimits.part) },
      cpuSeconds: object[.by].flatMap { number($0, in: ScenarioLimits.spike) })
  }

  mutating func counterChange(
    _ key: ScenarioKeys.Event, in object: JSONObject<ScenarioKeys.Event>, _ details: FaultDetails
  ) -> Event.CounterChange? {
    guard let name = object[key].flatMap({ choice($0, of: FaultName.self) }) else { return nil }
    let seconds = details.seconds
    switch name {
    case .right: return Event.CounterChange(nil)
    case .frozen: return Event.CounterChange(.frozen, seconds: seconds)
    case .zero: return Event.CounterChange(.zero, seconds: seconds)
    case .missing: return Event.CounterChange(.missing, seconds: seconds)
    case .slow:
      return Event.CounterChange(
        .slow(part: details.part ?? CounterFault.smallPart), seconds: seconds)
    case .spike:
      return Event.CounterChange(.spike(cpuSeconds: details.cpuSeconds ?? CounterFault.years))
    case .fall: return Event.CounterChange(.fall)
    }
  }
}
