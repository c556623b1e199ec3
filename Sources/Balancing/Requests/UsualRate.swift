/// How many a second there usually are of what is counted, and whether there are others now.
///
/// It follows slowly what chance may make of it, and at once what chance does not.
struct UsualRate: Hashable, Codable, Sendable {
  /// `nil` before anything was counted.
  private(set) var perSecond: Double?

  /// Takes in a count.
  ///
  /// - Parameters:
  ///   - seconds: that it was counted over.
  ///   - elapsed: seconds of them that are new.
  ///   - memory: seconds in which what is new becomes usual.
  /// - Returns: how much what was seen at the usual rate says of this one, 0…1: 1 unless it jumped.
  mutating func observe(
    _ count: Double, over seconds: Double, elapsed: Double, memory: Double
  ) -> Double {
    guard seconds > 0 else { return 1 }
    let now = count / seconds
    guard let usual = perSecond, usual > 0 else {
      perSecond = now
      return 1
    }
    let likeness = min(now / usual, usual / now)
    let expected = usual * seconds
    let chance = CapacityConstants.chanceDeviations * max(count, expected).squareRoot()
    if likeness * CapacityConstants.rateJump < 1, abs(count - expected) > chance {
      perSecond = now
      return likeness
    }
    perSecond = usual + Fading.gain(after: elapsed, memory: memory) * (now - usual)
    return 1
  }
}

/// What is in a file may be anything.
extension UsualRate {
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    perSecond = try container.decodeIfPresent(Double.self, forKey: .perSecond)
    guard perSecond.map({ $0.isFinite && $0 >= 0 }) ?? true else {
      throw DecodingError.dataCorruptedError(
        forKey: .perSecond, in: container, debugDescription: "not a rate")
    }
  }
}
