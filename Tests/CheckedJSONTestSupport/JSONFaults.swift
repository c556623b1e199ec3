package import CheckedJSON
package import TestSupport

/// Makes wrong files of right ones.
package enum JSONFaults {
  private static let commonFragments = [
    "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "-1", "1e999", "\"\\ud800\"", "{}",
    "[]", "\"name\":", "\u{0}", "é", "[[[[[[[[",
  ]

  /// The bytes with some removed, added, doubled, or replaced by what JSON is made of.
  ///
  /// - Parameter fragments: more to replace them by.
  package static func scattered(
    over text: String, fragments: [String], using generator: inout SeededGenerator
  ) -> [UInt8] {
    let fragments = commonFragments + fragments
    var bytes = Array(text.utf8)
    for _ in 0..<generator.whole(1...4) {
      let start = generator.whole(0...bytes.count)
      let end = min(bytes.count, start + generator.whole(0...12))
      switch generator.whole(0...3) {
      case 0: bytes.removeSubrange(start..<end)
      case 1: bytes.insert(UInt8(generator.whole(0...255)), at: start)
      case 2: bytes.insert(contentsOf: bytes[start..<end], at: generator.whole(0...bytes.count))
      default:
        let fragment = fragments[generator.whole(0...(fragments.count - 1))]
        bytes.replaceSubrange(start..<end, with: fragment.utf8)
      }
    }
    return bytes
  }

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
