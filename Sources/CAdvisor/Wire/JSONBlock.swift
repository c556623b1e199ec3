/// Where the characters stand that give JSON its form, in 64 bytes of it: a bit a byte.
struct JSONBlock {
  static let length = 64

  private(set) var quotes: UInt64 = 0
  private(set) var backslashes: UInt64 = 0
  /// `{` and `[`.
  private(set) var opens: UInt64 = 0
  /// `}` and `]`.
  private(set) var closes: UInt64 = 0

  /// Eight bytes at a time in a word: so much quicker than Swift's own vectors, which are not always
  /// compiled to those of the machine.
  ///
  /// - Parameter start: so many bytes are there behind it at least.
  @inline(__always)
  init(_ bytes: RawSpan, at start: Int) {
    var hasBackslashes: UInt64 = 0
    for part in 0..<8 {
      let word = bytes.word(at: start + 8 * part)
      let place = UInt64(8 * part)
      quotes |= Self.bits(Self.equal(word, 0x2222_2222_2222_2222)) &<< place
      hasBackslashes |= Self.equal(word, Self.backslash)
      // Square brackets and braces differ in this bit alone.
      let brackets = word | 0x2020_2020_2020_2020
      opens |= Self.bits(Self.equal(brackets, 0x7b7b_7b7b_7b7b_7b7b)) &<< place
      closes |= Self.bits(Self.equal(brackets, 0x7d7d_7d7d_7d7d_7d7d)) &<< place
    }
    guard hasBackslashes != 0 else { return }
    for part in 0..<8 {
      let found = Self.equal(bytes.word(at: start + 8 * part), Self.backslash)
      backslashes |= Self.bits(found) &<< UInt64(8 * part)
    }
  }

  private static let backslash: UInt64 = 0x5c5c_5c5c_5c5c_5c5c

  /// The highest bit of each byte that is the same in both.
  @inline(__always)
  private static func equal(_ word: UInt64, _ other: UInt64) -> UInt64 {
    let lower: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
    let difference = word ^ other
    return ~(((difference & lower) &+ lower) | difference | lower)
  }

  /// The highest bits of the eight bytes, side by side.
  @inline(__always)
  private static func bits(_ highest: UInt64) -> UInt64 {
    ((highest &>> 7) &* 0x0102_0408_1020_4080) &>> 56
  }
}

extension UInt64 {
  /// Of the eight bytes the first, the lowest, that is a quote, a backslash or a control character:
  /// how many stand before it, eight where there is none.
  ///
  /// A byte less than n borrows from its highest bit when n is taken from it; so may one behind it,
  /// which is why only the first counts (Anderson, "Bit Twiddling Hacks").
  @inline(__always)
  var bytesOfPlainText: Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quote = self ^ 0x2222_2222_2222_2222
    let backslash = self ^ 0x5c5c_5c5c_5c5c_5c5c
    let found =
      ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
      | ((self &- 0x2020_2020_2020_2020) & ~self)
    return (found & 0x8080_8080_8080_8080).trailingZeroBitCount >> 3
  }
}

extension RawSpan {
  /// One byte; 0 where there is none.
  @inline(__always)
  func byte(at offset: Int) -> UInt8 {
    // One look for both ends: what is negative is large without its sign.
    guard UInt(bitPattern: offset) < UInt(bitPattern: byteCount) else { return 0 }
    return unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  /// Eight bytes, the first of them lowest; 0 where there are less.
  @inline(__always)
  func word(at offset: Int) -> UInt64 {
    guard offset >= 0, offset + 8 <= byteCount else { return 0 }
    return UInt64(
      littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// These bytes by themselves.
  func array(_ range: Range<Int>) -> [UInt8] {
    unsafe extracting(range.clamped(to: 0..<byteCount)).withUnsafeBytes { unsafe Array($0) }
  }
}
