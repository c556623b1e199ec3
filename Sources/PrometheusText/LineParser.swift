/// Reads one line that is no comment, once its name is known.
///
/// The forms are those of Prometheus' text format 0.0.4, of OpenMetrics 1.0 (seconds as timestamps,
/// exemplars) and of Prometheus 3 (names in quotes, among the labels).
struct LineParser {
  private let line: ArraySlice<UInt8>
  private var at: Int

  init(_ line: ArraySlice<UInt8>) {
    self.line = line
    at = line.startIndex
  }

  /// The bytes of the name; `nil` where it stands among the labels, or there is none.
  static func name(of line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard let first = line.first, isNameStart(first) else { return nil }
    return line.prefix { isNameStart($0) || isDigit($0) }
  }

  /// The line; `nil` where it is none.
  ///
  /// - Parameters:
  ///   - keys: the labels to keep.
  ///   - isWanted: asked where the name stands among the labels.
  mutating func sample(
    named name: String?, length: Int, keys: [[UInt8]: String], isWanted: (String) -> Bool
  ) -> Outcome {
    at += length
    var name = name
    var labels: [String: String] = [:]
    skipBlanks()
    if peek == UInt8(ascii: "{") {
      at += 1
      guard readLabels(&name, &labels, keys, isWanted) else { return .malformed }
      if let name, !isWanted(name) { return .other }
    }
    guard let name else { return .malformed }
    // The name, or what closes its labels, is told from the value.
    guard let before = line[..<at].last,
      Self.isBlank(before) || before == UInt8(ascii: "}") || peek.map(Self.isBlank) == true
    else { return .malformed }
    skipBlanks()
    guard let value = Self.number(word()) else { return .malformed }
    skipBlanks()
    var timestamp: Int64?
    if let next = peek, next != UInt8(ascii: "#") {
      guard let read = Self.timestamp(word()) else { return .malformed }
      timestamp = read
      skipBlanks()
    }
    // What follows is an exemplar.
    guard peek == nil || peek == UInt8(ascii: "#") else { return .malformed }
    return .sample(
      TextSample(name: name, labels: labels, value: value, timestampNanoseconds: timestamp))
  }

  enum Outcome {
    case sample(TextSample)
    /// A series that nobody asked for.
    case other
    case malformed
  }

  private var peek: UInt8? { at < line.endIndex ? line[at] : nil }

  private mutating func skipBlanks() {
    while let byte = peek, Self.isBlank(byte) { at += 1 }
  }

  private mutating func word() -> ArraySlice<UInt8> {
    let start = at
    while let byte = peek, !Self.isBlank(byte) { at += 1 }
    return line[start..<at]
  }

  /// - Returns: whether they were read, up to what closes them.
  private mutating func readLabels(
    _ name: inout String?, _ labels: inout [String: String], _ keys: [[UInt8]: String],
    _ isWanted: (String) -> Bool
  ) -> Bool {
    while true {
      skipBlanks()
      guard let first = peek else { return false }
      if first == UInt8(ascii: "}") {
        at += 1
        return true
      }
      let key: ArraySlice<UInt8>
      if first == UInt8(ascii: "\"") {
        guard let quoted = quoted(keep: true) else { return false }
        key = quoted[...]
      } else {
        let start = at
        while let byte = peek, Self.isNameStart(byte) || Self.isDigit(byte) { at += 1 }
        key = line[start..<at]
        guard !key.isEmpty else { return false }
      }
      skipBlanks()
      if peek == UInt8(ascii: "=") {
        at += 1
        skipBlanks()
        let kept = keys[Array(key)]
        guard peek == UInt8(ascii: "\""), let value = quoted(keep: kept != nil) else {
          return false
        }
        if let kept, !value.isEmpty { labels[kept] = String(decoding: value, as: UTF8.self) }
      } else {
        // A name alone is the metric's.
        guard name == nil, first == UInt8(ascii: "\"") else { return false }
        name = String(decoding: key, as: UTF8.self)
      }
      skipBlanks()
      switch peek {
      case UInt8(ascii: ","): at += 1
      case UInt8(ascii: "}"): break
      default: return false
      }
    }
  }

  /// What stands in quotes, with its escapes undone.
  private mutating func quoted(keep: Bool) -> [UInt8]? {
    at += 1
    var text: [UInt8] = []
    while let byte = peek {
      at += 1
      switch byte {
      case UInt8(ascii: "\""): return text
      case UInt8(ascii: "\\"):
        guard let escaped = peek else { return nil }
        at += 1
        guard keep else { continue }
        switch escaped {
        case UInt8(ascii: "n"): text.append(UInt8(ascii: "\n"))
        case UInt8(ascii: "\\"), UInt8(ascii: "\""): text.append(escaped)
        default: text += [byte, escaped]
        }
      default: if keep { text.append(byte) }
      }
    }
    return nil
  }

  /// As Go writes numbers, infinity and NaN among them.
  private static func number(_ word: ArraySlice<UInt8>) -> Double? {
    guard !word.isEmpty, word.count <= 64 else { return nil }
    return Double(String(decoding: word, as: UTF8.self))
  }

  /// A whole number of that size counts milliseconds since 1970, as 0.0.4 has it: as seconds it would
  /// be of the year 5138. Everything else is in seconds, as OpenMetrics has it.
  private static let leastMilliseconds = 100_000_000_000.0

  private static func timestamp(_ word: ArraySlice<UInt8>) -> Int64? {
    guard let number = number(word), number.isFinite else { return nil }
    if number.magnitude >= leastMilliseconds {
      // To the millisecond, which a floating-point count of nanoseconds would not be.
      return Int64(exactly: number.rounded()).flatMap {
        let (product, overflow) = $0.multipliedReportingOverflow(by: 1_000_000)
        return overflow ? nil : product
      }
    }
    return Int64(exactly: (number * 1e3).rounded()).flatMap {
      let (product, overflow) = $0.multipliedReportingOverflow(by: 1_000_000)
      return overflow ? nil : product
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  private static func isNameStart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"), UInt8(ascii: ":"):
      true
    default: false
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
