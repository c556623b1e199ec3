internal import Balancing

/// What is said of a tick's answers, each thing once.
extension FleetState {
  /// Says once which endpoints are silent, and whose answers lack a part.
  mutating func events(of outcomes: [EndpointOutcome]) -> [ControlEvent] {
    var events: [ControlEvent] = []
    for outcome in outcomes {
      switch outcome.answer {
      case .success(let reading):
        if lostEndpoints.ends(outcome.endpoint) {
          events.append(.endpointBack(outcome.endpoint))
        }
        let parts = Set(reading.malformed.keys)
        if let part = parts.sorted().first, parts != malformed[outcome.endpoint] {
          events.append(
            .answerIncomplete(
              outcome.endpoint, part: part,
              reason: reading.malformed[part] ?? "", count: parts.count))
        }
        malformed[outcome.endpoint] = parts.isEmpty ? nil : parts
      case .failure(let failure):
        if lostEndpoints.begins(outcome.endpoint) {
          events.append(.endpointLost(outcome.endpoint, failure))
        }
      }
    }
    return events
  }

  /// Says once which endpoints are one machine.
  mutating func events(
    of machines: SameMachines, behind endpoints: [any LoadSource]
  ) -> [ControlEvent] {
    var events: [ControlEvent] = []
    var told: Set<[HostName]> = []
    for endpoint in endpoints {
      guard let other = machines.used[endpoint.host] else { continue }
      // Whichever of the two is used just now.
      let pair = [endpoint.host, other].sorted()
      told.insert(pair)
      guard !sameMachines.contains(pair) else { continue }
      events.append(.sameMachine(endpoint.name, other))
    }
    sameMachines = told
    return events
  }

  /// Shows with each endpoint why its host's counter is not believed, and says so once.
  mutating func showDoubts(in snapshot: inout Snapshot) -> [ControlEvent] {
    var events: [ControlEvent] = []
    for index in snapshot.endpoints.indices {
      let (name, host) = (snapshot.endpoints[index].name, snapshot.endpoints[index].host)
      let doubt = snapshot.backends.lazy.compactMap { $0.doubtedHosts[host] }.first
      snapshot.endpoints[index].doubt = doubt
      if let doubt, doubtedHosts[name].map(doubt.isSameKind) != true {
        events.append(
          .answerIncomplete(name, part: "\(host)", reason: doubt.description, count: 1))
      }
      doubtedHosts[name] = doubt
    }
    return events
  }

  /// Says once which balancers cannot be read, and once when nothing is the matter with them.
  ///
  /// - Parameter replaced: those that are new processes.
  mutating func events(
    of outcomes: [BalancerOutcome], replaced: Set<BalancerName>
  ) -> [ControlEvent] {
    var events: [ControlEvent] = []
    for outcome in outcomes {
      if let failure = outcome.failure {
        if troubles.begins(.unread, with: outcome.balancer) {
          events.append(.balancerLost(outcome.balancer, failure))
        }
      } else if troubles.isRead(outcome.balancer, isNew: replaced.contains(outcome.balancer)) {
        events.append(.balancerBack(outcome.balancer))
      }
    }
    return events
  }
}
