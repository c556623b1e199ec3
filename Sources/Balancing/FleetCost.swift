/// What a request costs each server, as far as its own evidence goes, and the fleet's cost beyond.
///
/// A server without evidence gets the fleet's cost; a starved one drifts back to it as its evidence
/// fades, gets traffic again and is learned anew. There is no other exploration.
struct FleetCost: Hashable, Sendable {
  /// CPU seconds a request over all servers that are known; `nil` when none is.
  let mean: Double?

  init(_ learners: some Sequence<CostLearner>) {
    var cpuSeconds = 0.0
    var requests = 0.0
    for learner in learners where learner.requests >= CapacityConstants.fewRequests {
      cpuSeconds += learner.cpuSeconds
      requests += learner.requests
    }
    let mean = cpuSeconds / requests
    self.mean = mean.isFinite && mean > 0 ? mean : nil
  }

  /// CPU seconds a request, above 0; `nil` while nothing is known of the fleet.
  func cost(of learner: CostLearner) -> Double? {
    mean.map { mean in
      (learner.cpuSeconds + CapacityConstants.priorRequests * mean)
        / (learner.requests + CapacityConstants.priorRequests)
    }
  }
}
