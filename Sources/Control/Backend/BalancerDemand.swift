internal import Balancing

/// How much traffic comes through each balancer, on average of a minute or two.
struct BalancerDemand: Hashable, Codable, Sendable {
  private struct Demand: Hashable, Codable, Sendable {
    var perSecond: Double
    var heardAt: Timestamp
  }

  /// Seconds that the average goes by.
  private static let memorySeconds = 100.0
  /// Seconds for which the demand of one that is not heard of stands.
  private static let absentSeconds = 300.0
  /// A balancer with less than this part of what the busiest one has is a standby.
  private static let carryingPart = 0.1

  private var demands: [BalancerName: Demand] = [:]
  private var lastAt: Timestamp?

  /// - Parameter rates: requests a second that came through those that are heard of.
  mutating func observe(_ rates: [BalancerName: Double], at now: Timestamp) {
    defer { lastAt = now }
    let seconds = lastAt.map { max(0, now.seconds(since: $0)) } ?? 0
    let gain = Fading.gain(after: seconds, memory: Self.memorySeconds)
    demands = demands.filter { now.seconds(since: $0.value.heardAt) < Self.absentSeconds }
    for (balancer, rate) in rates {
      let before = demands[balancer]?.perSecond ?? rate
      demands[balancer] = Demand(perSecond: before + gain * (rate - before), heardAt: now)
    }
  }

  /// Requests a second; 0 where nothing is known.
  func perSecond(of balancer: BalancerName) -> Double { demands[balancer]?.perSecond ?? 0 }

  /// Those that traffic comes through; empty while none does.
  var carriers: Set<BalancerName> {
    guard let most = demands.values.map(\.perSecond).max(), most > 0 else { return [] }
    return Set(demands.filter { $0.value.perSecond >= Self.carryingPart * most }.keys)
  }
}
