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
