/// What a request costs each server, as far as its own evidence goes, and the fleet's cost beyond.
///
/// Empirical Bayes: how far the servers' costs differ, beyond what their noise explains, says how
/// much evidence of its own a server needs before it counts more than the fleet's. Where all run the
/// same code on the same hardware, all are level after seconds; where they differ, each is believed.
/// A server without evidence gets the fleet's cost; a starved one drifts back to it as its evidence
/// fades, gets traffic again and is learned anew. There is no other exploration.
struct FleetCost: Hashable, Sendable {
  /// CPU seconds a request over all servers that are known; `nil` when none is.
  let mean: Double?
  /// Requests' worth of belief in the fleet's cost.
  let prior: Double

  init(_ learners: some Sequence<CostLearner>, noise: RequestNoise = RequestNoise()) {
    let all = Array(learners)
    let known = all.filter { $0.requests >= CapacityConstants.fewRequests }
    let believed = known.isEmpty ? all : known
    let cpuSeconds = believed.reduce(0) { $0 + $1.cpuSeconds }
    let requests = believed.reduce(0) { $0 + $1.requests }
    let mean = cpuSeconds / requests
    guard requests >= CapacityConstants.fewRequests, mean.isFinite, mean > 0 else {
      (self.mean, prior) = (nil, CapacityConstants.priorRequests)
      return
    }
    self.mean = mean
    // The variance of the relative costs, less what noise adds to it (DerSimonian and Laird 1986,
    // with equal weights).
    let excess = known.reduce(0.0) { sum, learner in
      let deviation = learner.cpuSeconds / learner.requests / mean - 1
      return sum + deviation * deviation - noise.squared / learner.requests
    }
    let variance = excess / Double(max(1, known.count - 1))
    let belief = noise.squared / max(variance, .leastNormalMagnitude)
    prior = min(max(belief, CapacityConstants.priorRequests), CapacityConstants.mostPriorRequests)
  }

  /// CPU seconds a request, above 0; `nil` while nothing is known of the fleet.
  func cost(of learner: CostLearner) -> Double? {
    mean.map { mean in
      (learner.cpuSeconds + prior * mean) / (learner.requests + prior)
    }
  }
}
