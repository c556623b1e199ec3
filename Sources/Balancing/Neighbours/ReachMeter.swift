/// Finds how far plans follow the moment: the slope of what is planned over what the moment wants, both
/// as deviations from the shares of the configured weights.
struct ReachMeter: Hashable, Codable, Sendable {
  /// One server's part of the traffic under three sets of weights.
  struct Shares: Hashable, Sendable {
    var configured: Double
    var planned: Double
    /// If its neighbours stayed as they were measured last.
    var momentary: Double
  }

  /// Sums over plans and servers, by seconds, of which older ones count less.
  private var seconds = 0.0
  private var covariance = 0.0
  private var variance = 0.0

  /// `nil` where the moment wants what is configured, within the dead band.
  var reach: Reach? {
    let least = CapacityConstants.deadBand * CapacityConstants.deadBand
    guard seconds > 0, variance > least * seconds else { return nil }
    return Reach(part: min(max(covariance / variance, 0), 1))
  }

  /// Takes in what a plan wants of each server.
  ///
  /// - Parameter elapsed: seconds since the plan before.
  mutating func observe(_ servers: [Shares], elapsed: Double) {
    let kept = Fading.kept(after: elapsed, memory: CapacityConstants.usualSeconds)
    (seconds, covariance, variance) = (seconds * kept, covariance * kept, variance * kept)
    for server in servers where server.configured > 0 {
      let planned = server.planned / server.configured - 1
      let momentary = server.momentary / server.configured - 1
      seconds += elapsed
      covariance += elapsed * planned * momentary
      variance += elapsed * momentary * momentary
    }
  }
}
