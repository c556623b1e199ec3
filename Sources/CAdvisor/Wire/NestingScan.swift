/// Finds where what opened with a bracket is closed, 64 bytes at a time.
///
/// It knows no more of JSON than that takes: texts, and what opens and closes. Goes on where it was
/// left when the bytes come in parts.
struct NestingScan {
  /// What is open.
  private(set) var depth: Int
  /// The most that was open at once, but for what opened and closed again within 64 bytes.
  private(set) var deepest = 0
  private var isInText = false
  private var isEscaped = false

  /// Begins behind a bracket that opened, or in front of one with a depth of 0.
  init(depth: Int = 0) { self.depth = depth }

  /// Scans on.
  ///
  /// - Returns: where the bytes go on behind the last bracket; `nil` when they end before it.
  mutating func end(in bytes: RawSpan, from start: Int) -> Int? {
    var at = start
    while at + JSONBlock.length <= bytes.byteCount {
      let block = JSONBlock(bytes, at: at)
      if let end = end(in: block) { return at + end }
      deepest = max(deepest, depth)
      at += JSONBlock.length
    }
    while at < bytes.byteCount {
      at += 1
      if isEnd(bytes.byte(at: at - 1)) { return at }
    }
    return nil
  }

  private mutating func end(in block: JSONBlock) -> Int? {
    let outside = ~textMask(of: block)
    var (opens, closes) = (block.opens & outside, block.closes & outside)
    // The one that is looked for is no sooner than the last of as many as are open.
    guard closes.nonzeroBitCount >= depth, closes != 0 else {
      depth += opens.nonzeroBitCount - closes.nonzeroBitCount
      return nil
    }
    while opens | closes != 0 {
      if opens.trailingZeroBitCount < closes.trailingZeroBitCount {
        depth += 1
        opens &= opens &- 1
      } else {
        depth -= 1
        if depth <= 0 { return closes.trailingZeroBitCount + 1 }
        closes &= closes &- 1
      }
    }
    return nil
  }

  /// The bytes that are in texts, each with the quote that it begins with.
  private mutating func textMask(of block: JSONBlock) -> UInt64 {
    let quotes = block.quotes & ~escaped(by: block.backslashes)
    var mask = quotes
    // Each bit becomes whether those up to it are an odd number.
    mask ^= mask << 1
    mask ^= mask << 2
    mask ^= mask << 4
    mask ^= mask << 8
    mask ^= mask << 16
    mask ^= mask << 32
    if isInText { mask = ~mask }
    isInText = mask >> 63 == 1
    return mask
  }

  /// The bytes that a backslash in front of them takes their meaning from: those behind an odd number
  /// of them (Langdale and Lemire, "Parsing Gigabytes of JSON per Second", 3.1.1).
  private mutating func escaped(by backslashes: UInt64) -> UInt64 {
    let carried: UInt64 = isEscaped ? 1 : 0
    guard backslashes != 0 else {
      isEscaped = false
      return carried
    }
    let even: UInt64 = 0x5555_5555_5555_5555
    let escaping = backslashes & ~carried
    let following = escaping << 1 | carried
    let (sum, overflow) = (escaping & ~even & ~following).addingReportingOverflow(escaping)
    isEscaped = overflow
    return (even ^ (sum << 1)) & following
  }

  /// The same for one byte.
  private mutating func isEnd(_ byte: UInt8) -> Bool {
    if isInText {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInText = false
      }
      return false
    }
    switch byte {
    case UInt8(ascii: "\""): isInText = true
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      depth += 1
      deepest = max(deepest, depth)
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      depth -= 1
      return depth <= 0
    default: break
    }
    return false
  }
}
