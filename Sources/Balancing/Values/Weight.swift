/// A server's weight as HAProxy takes it: 0…256, where 0 means no new traffic.
package struct Weight: Hashable, Sendable {
  package static let maximum = 256

  package let value: Int

  /// - Returns: `nil` outside 0…256.
  package init?(_ value: Int) {
    guard (0...Self.maximum).contains(value) else { return nil }
    self.value = value
  }

  /// The nearest weight within 0…256.
  package init(clamping value: Int) { self.value = min(max(value, 0), Self.maximum) }
}

extension Weight: Comparable {
  package static func < (left: Weight, right: Weight) -> Bool { left.value < right.value }
}

extension Weight: CustomStringConvertible {
  package var description: String { String(value) }
}

extension Weight: Codable {
  package init(from decoder: any Decoder) throws {
    self.init(clamping: try decoder.singleValueContainer().decode(Int.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }
}

/// The weights that evenkeel may write: never 0, which is the operator's word.
package struct WeightBounds: Hashable, Codable, Sendable {
  package static let standard = WeightBounds(clampingMinimum: 1, maximum: Weight.maximum)

  package let minimum: Int
  package let maximum: Int

  /// - Returns: `nil` unless 1 ≤ minimum ≤ maximum ≤ 256.
  package init?(minimum: Int, maximum: Int) {
    guard minimum >= 1, minimum <= maximum, maximum <= Weight.maximum else { return nil }
    self.minimum = minimum
    self.maximum = maximum
  }

  private init(clampingMinimum minimum: Int, maximum: Int) {
    self.minimum = minimum
    self.maximum = maximum
  }

  /// The nearest weight that may be written; what is not a number becomes the minimum.
  package func clamp(_ value: Double) -> Weight {
    guard value.isFinite else { return Weight(clamping: value > 0 ? maximum : minimum) }
    let rounded = min(max(value.rounded(), Double(minimum)), Double(maximum))
    return Weight(clamping: Int(rounded))
  }
}
