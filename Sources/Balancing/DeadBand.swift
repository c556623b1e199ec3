/// How far shares may be off before it is worth writing: noise is not written into weights.
struct DeadBand: Hashable, Sendable {
  /// Relative deviation within which a server's weight stays when others are written.
  let tolerance: Double
  /// How much requests differ in cost; `nil` where nothing is learned from them.
  private let noise: RequestNoise?
  /// Standard deviations of a server's cost.
  private let deviations: Double

  /// The band of a strategy that keeps no evidence.
  init() {
    (noise, deviations) = (nil, 1)
    tolerance = CapacityConstants.deadBand / 2
  }

  /// Wider where evidence is thin, and once more where nothing has changed.
  ///
  /// - Parameters:
  ///   - leastEvidence: the fewest requests that a cost of the plan was learned from.
  ///   - isCalm: whether a deviation is more likely to be noise than news.
  init(noise: RequestNoise, leastEvidence: Double, isCalm: Bool) {
    let deviations = isCalm ? CapacityConstants.calmDeviations : 1
    self.noise = noise
    self.deviations = deviations
    let widest = Self.width(noise, deviations, evidence: leastEvidence)
    // After a change weights are to be what they should, not what they were a while ago.
    tolerance = isCalm ? widest / 2 : widest / 4
  }

  /// Whether a share is near enough to the one wanted. One that is not takes all out with it.
  ///
  /// - Parameters:
  ///   - evidence: requests that the server's cost was learned from.
  ///   - leverage: how far its utilisation follows its share, 0…1.
  func contains(
    _ share: Double, around wanted: Double, evidence: Double, leverage: Double = 1
  ) -> Bool {
    let width = width(evidence: evidence)
    let least = 1 - max(CapacityConstants.lowerDeadBand, 2 * width)
    let effect = wanted + (share - wanted) * leverage
    return effect <= wanted * (1 + width) && effect >= wanted * least
  }

  /// Relative deviation upwards.
  func width(evidence: Double) -> Double {
    noise.map { Self.width($0, deviations, evidence: evidence) } ?? CapacityConstants.deadBand
  }

  private static func width(
    _ noise: RequestNoise, _ deviations: Double, evidence: Double
  ) -> Double {
    let uncertainty = deviations * (noise.squared / max(evidence, 0)).squareRoot()
    return max(CapacityConstants.deadBand, min(CapacityConstants.widestDeadBand, uncertainty))
  }
}
