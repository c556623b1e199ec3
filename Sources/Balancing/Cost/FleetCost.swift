/// What a request costs each server, as far as its own evidence goes, and its peers' cost beyond.
///
/// Empirical Bayes, in two steps: a host is believed to be like the fleet, and a server like its
/// host, for the hardware is common to all that run on it. How far costs differ, beyond what their
/// noise and what comes and goes explain, says how much evidence of its own each needs before it counts
/// more than its peers.
/// Where all run the same code on the same hardware, all are level after seconds; where they differ,
/// each is believed. A server without evidence gets its peers' cost; a starved one drifts back to it
/// as its evidence fades, gets traffic again and is learned anew. There is no other exploration.
struct FleetCost: Hashable, Sendable {
  /// CPU seconds a request over all servers that are known; `nil` when none is.
  let mean: Double?
  /// Requests' worth of belief that a host's cost is the fleet's, …
  let prior: Double
  /// … and that a server's is its host's.
  let hostPrior: Double
  /// CPU seconds a request on each host that has several servers.
  private let hosts: [HostName: Double]

  init(_ servers: [(cost: CostLearner, host: HostName?)], noise: RequestNoise = RequestNoise()) {
    let all = servers.map { $0.cost.evidence }
    let groups = Dictionary(
      servers.compactMap { server in server.host.map { ($0, [server.cost.evidence]) } },
      uniquingKeysWith: +)
    // In order, so that the same servers always give the same sum.
    let ordered = groups.sorted { $0.key < $1.key }.map(\.value)
    // What all servers of the only host have in common is the fleet's.
    let parts = groups.count > 1 ? ordered.map(CostLearner.Window.sum) : all
    let mean = CostLearner.Window.pooled(all)
    let prior = CostLearner.Window.prior([parts], noise)
    self.mean = mean
    self.prior = prior
    hostPrior = CostLearner.Window.prior(ordered, noise)
    hosts = groups.filter { groups.count > 1 && $0.value.count > 1 }.compactMapValues { group in
      mean.map { CostLearner.Window.sum(group).cost(prior, of: $0) }
    }
  }

  /// CPU seconds a request, above 0; `nil` while nothing is known of the fleet.
  func cost(of learner: CostLearner, on host: HostName?) -> Double? {
    if let peers = host.flatMap({ hosts[$0] }) {
      return learner.evidence.cost(hostPrior, of: peers)
    }
    return mean.map { learner.evidence.cost(prior, of: $0) }
  }
}

/// What was learned of a cost, by one server or by several.
extension CostLearner.Window {
  /// Whether it is enough to judge by.
  fileprivate var isKnown: Bool { requests >= CapacityConstants.fewRequests }

  /// CPU seconds a request over all that are known, or over all where none is; `nil` when that is
  /// too little, too.
  fileprivate static func pooled(_ parts: [Self]) -> Double? {
    let known = parts.filter(\.isKnown)
    let sum = sum(known.isEmpty ? parts : known)
    let mean = sum.cpuSeconds / sum.requests
    return sum.isKnown && mean.isFinite && mean > 0 ? mean : nil
  }

  /// The variance of its relative cost by what comes and goes, in a mean over so many seconds.
  private var swing: Double {
    let span = CapacityConstants.swingSeconds
    return CapacityConstants.swing * CapacityConstants.swing * span / (span + seconds)
  }

  /// Requests' worth of belief in the mean of a group, from how far those of a group differ.
  ///
  /// The variance of the relative costs, less what noise adds to it (DerSimonian and Laird 1986, with
  /// equal weights), and less what comes and goes: work of a server's own, garbage or a batch, looks like
  /// dearer requests until it has come and gone some times.
  fileprivate static func prior(_ groups: [[Self]], _ noise: RequestNoise) -> Double {
    var (excess, freedom) = (0.0, 0)
    for group in groups {
      let all = group.filter(\.isKnown)
      // One that has just begun anew says nothing against those that have been seen for longer.
      let steady = all.filter { $0.seconds >= CapacityConstants.swingSeconds }
      let known = steady.count > 1 ? steady : all
      guard known.count > 1, let mean = pooled(known) else { continue }
      freedom += known.count - 1
      // Of a few the mean takes a part of what is chance itself.
      let part = Double(known.count - 1) / Double(known.count)
      excess += known.reduce(0) { sum, one in
        let deviation = one.cpuSeconds / one.requests / mean - 1
        return sum + deviation * deviation - part * (noise.squared / one.requests + one.swing)
      }
    }
    let variance = excess / Double(max(1, freedom))
    let belief = noise.squared / max(variance, .leastNormalMagnitude)
    return min(max(belief, CapacityConstants.priorRequests), CapacityConstants.mostPriorRequests)
  }

  /// CPU seconds a request, by this and by a belief in a mean.
  fileprivate func cost(_ prior: Double, of mean: Double) -> Double {
    (cpuSeconds + prior * mean) / (requests + prior)
  }
}
