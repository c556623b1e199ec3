internal import Balancing

extension EarlyLook.Wanted {
  /// Evidence that is little.
  private static let fewRequests = 30.0

  /// The hosts that a plan wants to see soon.
  ///
  /// - Parameter states: of the plan's servers, in its order.
  init(_ plan: Plan, of states: [ServerState], _ matches: [ServerName: Match]) {
    for (planned, state) in zip(plan.servers, states) {
      guard let host = matches[planned.name]?.container?.host else {
        mayBeAnywhere = mayBeAnywhere || state.takesTraffic
        continue
      }
      let learns = planned.measured == nil || planned.evidenceRequests ?? 0 < Self.fewRequests
      if learns || planned.cause != nil || planned.isReduced {
        first.insert(host)
      } else if plan.isForLearners {
        waiting.insert(host)
      } else {
        others.insert(host)
      }
    }
    first.formUnion(plan.watchedHosts)
  }
}
