/// What another evenkeel says that a request costs a server.
package struct ToldCost: Hashable, Codable, Sendable {
  /// CPU seconds a request.
  package var secondsPerRequest: Double
  /// Requests that it was learned from.
  package var requests: Double
  /// Since it learned of it last, in seconds.
  package var ageSeconds: Double

  package init(secondsPerRequest: Double, requests: Double, ageSeconds: Double) {
    self.secondsPerRequest = secondsPerRequest
    self.requests = requests
    self.ageSeconds = ageSeconds
  }

  /// Whether it can be, and says anything.
  var isUsable: Bool {
    secondsPerRequest >= DoubtConstants.leastCost && secondsPerRequest.isFinite
      && (CapacityConstants.fewRequests..<0x1p53).contains(requests)
      && (0...CapacityConstants.forgetSeconds).contains(ageSeconds)
  }
}

/// Costs that others tell of servers of which nothing is known here, until our own counters bear them out.
///
/// What a peer tells may be a lie. So it is believed only where the first requests that are counted here
/// do not contradict it, and then as evidence like any other: what comes later corrects it.
struct ToldCosts: Hashable, Codable, Sendable {
  private struct Claim: Hashable, Codable, Sendable {
    var told: ToldCost
    var cpuSeconds = 0.0
    var requests = 0.0
  }

  private var claims: [ServerName: Claim] = [:]

  /// Takes in what is told of servers that are not known; of those that are, nothing is asked.
  mutating func note(_ told: [ServerName: ToldCost], isUnknown: (ServerName) -> Bool) {
    for (server, cost) in told where cost.isUsable {
      guard claims[server] != nil || isUnknown(server) else { continue }
      claims[server, default: Claim(told: cost)].told = cost
    }
  }

  /// It has become another, of which nobody has told.
  mutating func forget(_ server: ServerName) { claims[server] = nil }

  mutating func observe(_ window: CostLearner.Window, of server: ServerName) {
    guard window.requests >= 1 else { return }
    claims[server]?.cpuSeconds += window.cpuSeconds
    claims[server]?.requests += window.requests
  }

  /// Those that are borne out, once there are requests enough to judge by; each is judged once.
  mutating func judge(_ noise: RequestNoise) -> [ServerName: ToldCost] {
    let seen = claims.values.reduce(0) { $0 + $1.requests }
    guard seen >= CapacityConstants.fewRequests else { return [:] }
    defer { claims = [:] }
    // In order, so that the same claims always give the same sum.
    let ordered = claims.sorted { $0.key < $1.key }.map(\.value)
    let told = ordered.reduce(0) { $0 + $1.told.secondsPerRequest * $1.requests }
    let used = ordered.reduce(0) { $0 + $1.cpuSeconds }
    let ratio = used / told
    let range = 1 / CapacityConstants.farOff...CapacityConstants.farOff
    guard range.contains(ratio),
      let median = claims.values.map(\.told.secondsPerRequest).median
    else { return [:] }
    return claims.filter { _, claim in
      let beside = claim.told.secondsPerRequest / median
      let least = DoubtConstants.cheapBesidePeers
      guard (least...1 / least).contains(beside) else { return false }
      // Nothing that came to it says nothing against it.
      guard claim.requests >= 1 else { return true }
      let change = claim.cpuSeconds / claim.requests / claim.told.secondsPerRequest
      return change > 0
        && !noise.contradicts(change, from: claim.requests, claim.told.requests)
    }.mapValues(\.told)
  }
}
