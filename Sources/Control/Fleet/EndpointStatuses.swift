internal import Balancing

/// What each endpoint said last, for the ticks in which it is not asked.
struct EndpointStatuses: Sendable {
  private var statuses: [EndpointName: EndpointStatus] = [:]

  /// The status of each of these endpoints that was ever asked, after what they said in a tick.
  mutating func take(
    _ outcomes: [EndpointOutcome], of endpoints: [any LoadSource]
  ) -> [EndpointStatus] {
    for outcome in outcomes { statuses[outcome.endpoint] = EndpointStatus(outcome) }
    let asked = Set(outcomes.map(\.endpoint))
    return endpoints.compactMap { endpoint in
      var status = statuses[endpoint.name]
      status?.wasAsked = asked.contains(endpoint.name)
      return status
    }
  }
}

extension EndpointStatus {
  fileprivate init(_ outcome: EndpointOutcome) {
    name = outcome.endpoint
    host = outcome.host
    containers = outcome.containerCount
    switch outcome.answer {
    case .success: failure = nil
    case .failure(let reason): failure = reason
    }
  }
}
