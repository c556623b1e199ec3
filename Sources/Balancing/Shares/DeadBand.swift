/// How far shares may be off before it is worth writing: noise is not written into weights.
struct DeadBand: Hashable, Sendable {
  /// How much requests differ in cost; `nil` where nothing is learned from them.
  private let noise: RequestNoise?
  private let isCalm: Bool

  /// The band of a strategy that keeps no evidence.
  init() { (noise, isCalm) = (nil, false) }

  /// Wider where evidence is thin, and once more where nothing has changed.
  ///
  /// - Parameter isCalm: whether a deviation is more likely to be noise than news.
  init(noise: RequestNoise, isCalm: Bool) { (self.noise, self.isCalm) = (noise, isCalm) }

  /// Relative deviation upwards, for a server whose cost was learned from so many requests.
  func width(evidence: Double) -> Double {
    guard let noise else { return CapacityConstants.deadBand }
    let deviations = isCalm ? CapacityConstants.calmDeviations : 1
    let uncertainty = deviations * (noise.squared / max(evidence, 0)).squareRoot()
    return max(CapacityConstants.deadBand, min(CapacityConstants.widestDeadBand, uncertainty))
  }

  /// Relative deviation within which a server's weight stays when others are written. After a change
  /// weights are to be what they should, not what they were a while ago.
  func tolerance(evidence: Double, isCorrected: Bool = false) -> Double {
    guard noise != nil else { return CapacityConstants.deadBand / 2 }
    let part = isCorrected ? ShareConstants.correctedBand : 1
    return width(evidence: evidence) * part * (isCalm ? 0.75 : 0.25)
  }

  /// Whether a share is near enough to the one wanted. One that is not takes all out with it.
  ///
  /// - Parameters:
  ///   - evidence: requests that the server's cost was learned from.
  ///   - leverage: how far its utilisation follows its share, 0…1.
  ///   - isCorrected: whether the share is what was seen to come, and not what weights say.
  func contains(
    _ share: Double, around wanted: Double, evidence: Double, leverage: Double = 1,
    isCorrected: Bool = false
  ) -> Bool {
    let part = isCorrected ? ShareConstants.correctedBand : 1
    let width = width(evidence: evidence) * part
    let least = 1 - max(CapacityConstants.lowerDeadBand * part, 2 * width)
    let effect = wanted + (share - wanted) * leverage
    // Whatever it does to its host, a server with next to nothing is not learned of.
    return effect <= wanted * (1 + width) && effect >= wanted * least
      && share >= wanted / CapacityConstants.step
  }
}
