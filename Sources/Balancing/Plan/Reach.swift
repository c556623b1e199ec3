/// How far plans go of late from the configured weights towards what each moment's readings alone
/// would want, and what keeps them from going all the way.
package struct Reach: Hashable, Codable, Sendable {
  /// 0 stays with the configured weights, 1 follows each moment all the way.
  package var part: Double
  package var reason: Reason

  package enum Reason: String, Hashable, Codable, Sendable {
    /// They change faster than weights can follow: plans are for all that they do of late.
    case neighbours
  }

  package init(part: Double, reason: Reason = .neighbours) {
    self.part = part
    self.reason = reason
  }

  /// Whether it is worth a word.
  package var isShort: Bool { part < CapacityConstants.fullReach }
}
