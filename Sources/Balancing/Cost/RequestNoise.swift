internal import Glibc

/// How much requests differ in cost: the squared coefficient of variation, pooled over a backend.
struct RequestNoise: Hashable, Codable, Sendable {
  private(set) var squared = CapacityConstants.firstNoise

  /// Takes in how far each server's window of this tick was off what it had learned.
  ///
  /// - Parameter seconds: that such a window lasted.
  mutating func observe(_ surprises: [Double], over seconds: Double) {
    guard let median = surprises.median else { return }
    let range = CapacityConstants.noiseRange
    let now = (CapacityConstants.medianToMean * median).bounded(to: range) ?? range.upperBound
    squared +=
      Fading.gain(after: seconds, memory: CapacityConstants.noiseSeconds) * (now - squared)
  }

  /// Whether two mean costs, each of so many requests, differ by more than chance makes of the same.
  func contradicts(_ ratio: Double, from requests: Double, _ others: Double) -> Bool {
    let deviation = (squared * (1 / requests + 1 / others)).squareRoot()
    // Twice what is worth a write.
    let believed = max(2 * CapacityConstants.deadBand, CapacityConstants.deviations * deviation)
    return abs(log(ratio)) > believed
  }
}

extension RequestNoise {
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    squared = try container.decode(Double.self, forKey: .squared)
    guard (0...CapacityConstants.noiseRange.upperBound).contains(squared) else {
      throw DecodingError.dataCorruptedError(
        forKey: .squared, in: container, debugDescription: "not what noise can be")
    }
  }
}

extension [Double] {
  /// The middle one, or the mean of the middle two; `nil` of none.
  var median: Double? {
    guard !isEmpty else { return nil }
    let ordered = sorted()
    let middle = ordered.count / 2
    return ordered.count.isMultiple(of: 2)
      ? (ordered[middle - 1] + ordered[middle]) / 2 : ordered[middle]
  }
}
