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
