import CheckedJSON
import CheckedJSONTestSupport
import TestSupport

/// Makes wrong inputs of right ones: the same for the same numbers drawn.
struct Mutator: Sendable {
  /// In bytes: what is longer is refused by length alone.
  static let longest = 32_768

  private let corpus: [[UInt8]]
  /// Those of the corpus that are JSON, to be changed by its structure.
  private let values: [JSONValue]
  private let tokens: [[UInt8]]

  /// - Parameters:
  ///   - corpus: at least one input.
  ///   - tokens: what means something to the target, beside what means something to most.
  init(corpus: [[UInt8]], tokens: [String]) {
    self.corpus = corpus.isEmpty ? [[]] : corpus
    values = corpus.compactMap { try? JSONReader.read($0) }
    self.tokens = (Self.commonTokens + tokens).map { Array($0.utf8) }
  }

  private static let commonTokens =
    numbers + [
      "null", "true", "{}", "[]", "\"\"", "\"", "\\", ",", ":", "\n", "\r\n", " ", "\t", "\u{0}",
      "\\u0000", "\\ud800", "\\udc00\\ud800", "é", "e\u{301}", "\u{202E}", "\u{FEFF}", "👩‍👩‍👧‍👦",
      "\u{1F1E6}", "İ", "ß", "{\"a\":1,\"a\":2}",
    ]

  private static let numbers = [
    "0", "-0", "-1", "1", "255", "256", "257", "65536", "2147483648", "4294967296",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615",
    "18446744073709551616", "340282366920938463463374607431768211456", "1e308", "1e309", "-1e309",
    "1e-400", "0.1", "00", "+1", "NaN", "Infinity", "1e", "0x10", "1.7976931348623157e308",
  ]

  /// Bytes that are no UTF-8.
  private static let brokenText: [[UInt8]] = [
    [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80],
  ]

  func input(_ generator: inout SeededGenerator) -> [UInt8] {
    var bytes = seed(&generator)
    for _ in 0..<generator.whole(1...5) { change(&bytes, &generator) }
    return Array(bytes.prefix(Self.longest))
  }

  private func seed(_ generator: inout SeededGenerator) -> [UInt8] {
    if generator.chance(0.02) { return JSONFaults.noise(using: &generator) }
    if generator.chance(0.3), let value = values.randomElement(using: &generator) {
      return Array(JSONFaults.shuffled(value, using: &generator).text.utf8)
    }
    return corpus.randomElement(using: &generator) ?? []
  }

  private func change(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    let place = generator.whole(0...bytes.count)
    let part = place..<min(bytes.count, place + generator.whole(0...24))
    switch generator.whole(0...13) {
    case 0, 1:
      guard part.first != nil else { return }
      bytes[place] ^= 1 << UInt8(generator.whole(0...7))
    case 2:
      guard part.first != nil else { return }
      bytes[place] = UInt8(generator.whole(0...255))
    case 3: bytes.removeSubrange(place...)
    case 4: bytes.removeSubrange(..<place)
    case 5: bytes.removeSubrange(part)
    case 6: bytes.insert(contentsOf: bytes[part], at: generator.whole(0...bytes.count))
    case 7: repeatPart(part, of: &bytes, &generator)
    case 8: splice(&bytes, at: place, &generator)
    case 9: bytes.insert(contentsOf: tokens.randomElement(using: &generator) ?? [], at: place)
    case 10: bytes.replaceSubrange(part, with: tokens.randomElement(using: &generator) ?? [])
    case 11: exchangeNumber(&bytes, after: place, &generator)
    case 12: nest(&bytes, at: place, &generator)
    default:
      bytes.insert(contentsOf: Self.brokenText.randomElement(using: &generator) ?? [], at: place)
    }
  }

  private func repeatPart(
    _ part: Range<Int>, of bytes: inout [UInt8], _ generator: inout SeededGenerator
  ) {
    let part = Array(bytes[part])
    guard !part.isEmpty else { return }
    let room = max(0, Self.longest - bytes.count) / part.count
    let times = min(room, Int(generator.magnitude(1, 2_000)))
    let place = generator.whole(0...bytes.count)
    bytes.insert(contentsOf: repeatElement(part, count: times).joined(), at: place)
  }

  /// Goes on with the end of another input.
  private func splice(
    _ bytes: inout [UInt8], at place: Int, _ generator: inout SeededGenerator
  ) {
    let other = corpus.randomElement(using: &generator) ?? []
    bytes.replaceSubrange(place..., with: other.dropFirst(generator.whole(0...other.count)))
  }

  private func exchangeNumber(
    _ bytes: inout [UInt8], after place: Int, _ generator: inout SeededGenerator
  ) {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard let start = bytes[place...].firstIndex(where: digits.contains) else { return }
    let end = bytes[start...].firstIndex { !digits.contains($0) } ?? bytes.endIndex
    bytes.replaceSubrange(
      start..<end, with: (Self.numbers.randomElement(using: &generator) ?? "").utf8)
  }

  private func nest(_ bytes: inout [UInt8], at place: Int, _ generator: inout SeededGenerator) {
    let depth = Int(generator.magnitude(1, 4_000))
    let (open, close) =
      [("[", "]"), ("{\"a\":", "}"), ("(", ")"), ("(?:", ")*")].randomElement(using: &generator)
      ?? ("", "")
    let rest = bytes[place...]
    bytes.removeSubrange(place...)
    bytes += Array(repeatElement(open, count: depth).joined().utf8)
    if generator.chance(0.5) { bytes += Array(repeatElement(close, count: depth).joined().utf8) }
    bytes += rest
  }
}
