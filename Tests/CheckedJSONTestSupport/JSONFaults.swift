package import CheckedJSON
package import TestSupport

/// Makes wrong files of right ones.
package enum JSONFaults {
  /// Bytes that mean nothing.
  package static func noise(using generator: inout SeededGenerator) -> [UInt8] {
    (0..<generator.whole(0...200)).map { _ in UInt8(generator.whole(0...255)) }
  }

  /// A value with some parts exchanged for others.
  package static func shuffled(
    _ value: JSONValue, using generator: inout SeededGenerator
  ) -> JSONValue {
    if generator.chance(0.04) {
      let others: [JSONValue] = [
        .null, .boolean(true), .number("-1"), .number("1e999"), .string(""), .string("x"),
        .array([]), .array([.null]), .object([]), .object([.init(name: "name", value: .null)]),
      ]
      return others[generator.whole(0...(others.count - 1))]
    }
    switch value {
    case .array(let elements):
      var changed = elements.map { shuffled($0, using: &generator) }
      if generator.chance(0.1) { changed += changed }
      return .array(changed)
    case .object(let members):
      var changed = members.map {
        JSONValue.Member(name: $0.name, value: shuffled($0.value, using: &generator))
      }
      if generator.chance(0.1) { changed += changed.suffix(1) }
      if generator.chance(0.1) { changed = changed.dropLast() }
      return .object(changed)
    default: return value
    }
  }

  /// Throws unless a refusal says something about each of its problems.
  package static func check(_ refusal: InvalidFile) throws {
    try require(!refusal.problems.isEmpty, "refused without a problem")
    try require(refusal.problems.allSatisfy { !$0.message.isEmpty }, "a problem says nothing")
  }
}
