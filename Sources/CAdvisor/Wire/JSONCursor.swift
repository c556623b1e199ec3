import CheckedJSON

/// Steps through JSON that has the form it usually has.
///
/// Whatever has another one is `Unusual`, and left to a decoder that finds words for it. What is
/// skipped is not looked into: brackets and texts have to be closed, nothing else.
struct JSONCursor {
  struct Unusual: Error {}

  private(set) var at = 0

  /// Steps through an object, and hands out each key where its value begins, which is to be stepped
  /// over.
  @inline(__always)
  mutating func object(
    in bytes: RawSpan, _ field: (inout JSONCursor, Key) throws(Unusual) -> Void
  ) throws(Unusual) {
    try require("{", in: bytes)
    guard !takes("}", in: bytes) else { return }
    repeat {
      let key = try key(in: bytes)
      try require(":", in: bytes)
      try field(&self, key)
    } while takes(",", in: bytes)
    try require("}", in: bytes)
  }

  /// Steps through a list, and stands at each value, which is to be stepped over.
  @inline(__always)
  mutating func list(
    in bytes: RawSpan, _ value: (inout JSONCursor) throws(Unusual) -> Void
  ) throws(Unusual) {
    try require("[", in: bytes)
    guard !takes("]", in: bytes) else { return }
    repeat { try value(&self) } while takes(",", in: bytes)
    try require("]", in: bytes)
  }

  /// Nothing more comes.
  mutating func requireEnd(of bytes: RawSpan) throws(Unusual) {
    skipSpace(in: bytes)
    guard at == bytes.byteCount else { throw Unusual() }
  }

  mutating func text(in bytes: RawSpan) throws(Unusual) -> String {
    let (range, isEscaped) = try textRange(in: bytes)
    if isEscaped {
      // With its quotes.
      let whole = bytes.array(range.lowerBound - 1..<range.upperBound + 1)
      guard let text = try? WholeJSON.decode(String.self, from: whole) else { throw Unusual() }
      return text
    }
    let text = unsafe bytes.extracting(range).withUnsafeBytes {
      unsafe String(validating: $0, as: UTF8.self)
    }
    guard let text else { throw Unusual() }
    return text
  }

  mutating func texts(in bytes: RawSpan) throws(Unusual) -> [String] {
    var texts: [String] = []
    try list(in: bytes) { cursor throws(Unusual) in texts.append(try cursor.text(in: bytes)) }
    return texts
  }

  mutating func textByKey(in bytes: RawSpan) throws(Unusual) -> [String: String] {
    var texts: [String: String] = [:]
    try object(in: bytes) { cursor, key throws(Unusual) in
      let name = unsafe bytes.extracting(key.range).withUnsafeBytes {
        unsafe String(validating: $0, as: UTF8.self)
      }
      guard let name else { throw Unusual() }
      guard texts.updateValue(try cursor.text(in: bytes), forKey: name) == nil else {
        throw Unusual()
      }
    }
    return texts
  }

  mutating func flag(in bytes: RawSpan) throws(Unusual) -> Bool {
    skipSpace(in: bytes)
    let word = takeWord(in: bytes)
    if Key(range: word).matches("true", in: bytes) { return true }
    if Key(range: word).matches("false", in: bytes) { return false }
    throw Unusual()
  }

  /// A whole number without a sign.
  mutating func unsigned(in bytes: RawSpan) throws(Unusual) -> UInt64 {
    skipSpace(in: bytes)
    let word = takeWord(in: bytes)
    guard let first = word.first, word.count == 1 || bytes.byte(at: first) != UInt8(ascii: "0")
    else { throw Unusual() }
    var number: UInt64 = 0
    for place in word {
      let digit = bytes.byte(at: place) &- UInt8(ascii: "0")
      let (tenfold, tooMuch) = number.multipliedReportingOverflow(by: 10)
      let (sum, tooMuchStill) = tenfold.addingReportingOverflow(UInt64(digit))
      guard digit < 10, !tooMuch, !tooMuchStill else { throw Unusual() }
      number = sum
    }
    return number
  }

  /// A whole number.
  mutating func signed(in bytes: RawSpan) throws(Unusual) -> Int64 {
    skipSpace(in: bytes)
    let isNegative = bytes.byte(at: at) == UInt8(ascii: "-")
    if isNegative {
      at += 1
      guard bytes.byte(at: at) &- UInt8(ascii: "1") < 9 else { throw Unusual() }
    }
    guard let number = Int64(exactly: try unsigned(in: bytes)) else { throw Unusual() }
    return isNegative ? -number : number
  }

  /// Steps over a value, whatever it is.
  @inline(__always)
  mutating func skip(in bytes: RawSpan) throws(Unusual) {
    skipSpace(in: bytes)
    switch bytes.byte(at: at) {
    case UInt8(ascii: "\""):
      _ = try textRange(in: bytes)
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      var scan = NestingScan(depth: 1)
      guard let end = scan.end(in: bytes, from: at + 1), scan.deepest <= EntrySplitter.deepest
      else { throw Unusual() }
      at = end
    default:
      guard !takeWord(in: bytes).isEmpty else { throw Unusual() }
    }
  }
}

extension JSONCursor {
  /// What stands between the quotes of a key.
  struct Key {
    let range: Range<Int>

    @inline(__always)
    func matches(_ text: StaticString, in bytes: RawSpan) -> Bool {
      guard range.count == text.utf8CodeUnitCount else { return false }
      for offset in 0..<range.count {
        let wanted = unsafe text.utf8Start[offset]
        guard bytes.byte(at: range.lowerBound + offset) == wanted else { return false }
      }
      return true
    }
  }

  private mutating func key(in bytes: RawSpan) throws(Unusual) -> Key {
    let (range, isEscaped) = try textRange(in: bytes)
    guard !isEscaped else { throw Unusual() }
    return Key(range: range)
  }

  /// What stands between two quotes, and whether there are backslashes in it.
  @inline(__always)
  mutating func textRange(
    in bytes: RawSpan
  ) throws(Unusual) -> (range: Range<Int>, isEscaped: Bool) {
    try require("\"", in: bytes)
    let start = at
    var isEscaped = false
    while at < bytes.byteCount {
      while at + 8 <= bytes.byteCount {
        let plain = bytes.word(at: at).bytesOfPlainText
        at += plain
        if plain < 8 { break }
      }
      switch bytes.byte(at: at) {
      case UInt8(ascii: "\""):
        at += 1
        return (start..<at - 1, isEscaped)
      case UInt8(ascii: "\\"):
        isEscaped = true
        at += 2
      case 0..<0x20:
        throw Unusual()
      default:
        at += 1
      }
    }
    throw Unusual()
  }

  /// What is neither text nor list nor object.
  @inline(__always)
  private mutating func takeWord(in bytes: RawSpan) -> Range<Int> {
    let start = at
    while at < bytes.byteCount {
      switch bytes.byte(at: at) {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "E"):
        at += 1
      default: return start..<at
      }
    }
    return start..<at
  }

  @inline(__always)
  private mutating func skipSpace(in bytes: RawSpan) {
    while at < bytes.byteCount {
      let byte = bytes.byte(at: at)
      guard byte <= 0x20, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else {
        return
      }
      at += 1
    }
  }

  @inline(__always)
  private mutating func takes(_ character: Unicode.Scalar, in bytes: RawSpan) -> Bool {
    skipSpace(in: bytes)
    guard at < bytes.byteCount, bytes.byte(at: at) == UInt8(ascii: character) else { return false }
    at += 1
    return true
  }

  @inline(__always)
  private mutating func require(
    _ character: Unicode.Scalar, in bytes: RawSpan
  ) throws(Unusual) {
    guard takes(character, in: bytes) else { throw Unusual() }
  }
}

extension JSONCursor {
  /// A time as ``RFC3339`` has it.
  mutating func time(in bytes: RawSpan) throws(Unusual) -> Int64 {
    let (range, isEscaped) = try textRange(in: bytes)
    guard !isEscaped, let time = RFC3339.nanoseconds(bytes.extracting(range)) else {
      throw Unusual()
    }
    return time
  }
}
