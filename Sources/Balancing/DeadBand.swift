/// How far shares may be off before it is worth writing: noise is not written into weights.
struct DeadBand: Hashable, Sendable {
  /// Relative deviation upwards.
  let width: Double

  /// Relative deviation within which a server's weight stays when others are written.
  var tolerance: Double { width / 2 }

  /// The band of a strategy that keeps no evidence.
  init() { width = CapacityConstants.deadBand }

  /// Wider where evidence is thin, and once more where nothing has changed.
  ///
  /// - Parameters:
  ///   - leastEvidence: the fewest requests that a cost of the plan was learned from.
  ///   - isCalm: whether a deviation is more likely to be noise than news.
  init(noise: RequestNoise, leastEvidence: Double, isCalm: Bool) {
    let uncertainty = (noise.squared / max(leastEvidence, 0)).squareRoot()
    let deviations = isCalm ? CapacityConstants.calmDeviations : 1
    width = max(
      CapacityConstants.deadBand, min(CapacityConstants.widestDeadBand, deviations * uncertainty))
  }

  /// Whether every share is near enough to the one wanted. One that is not takes all out with it.
  func contains(_ shares: [Double], around wanted: [Double]) -> Bool {
    let least = 1 - max(CapacityConstants.lowerDeadBand, 2 * width)
    return zip(shares, wanted).allSatisfy { share, wanted in
      share <= wanted * (1 + width) && share >= wanted * least
    }
  }
}
