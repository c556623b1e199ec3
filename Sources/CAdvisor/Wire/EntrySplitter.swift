import NIOCore

/// Cuts a JSON object or list into its entries while it comes in, so that it need never be held as
/// a whole.
///
/// It knows no more of JSON than that takes: texts, and what opens and closes. Whether an entry is
/// JSON is for whoever decodes it.
struct EntrySplitter {
  /// Takes in an entry: its key as it is written between its quotes, `nil` in a list; and its value.
  typealias Each = ([UInt8]?, RawSpan) throws(MalformedReply) -> Void

  /// Reads a value that begins with these bytes, and has a bracket around it.
  ///
  /// Returns how many of them it is; `nil` when that cannot be told from them.
  typealias Read = ([UInt8]?, RawSpan) throws(MalformedReply) -> Int?

  /// Deeper than anything that cAdvisor sends.
  static let deepest = 256

  private enum State: Equatable {
    case start
    /// Before an entry; the list may end here unless a comma came.
    case entry(mayEnd: Bool)
    case key
    case colon
    case beforeValue
    /// At the bracket that opens an object or a list.
    case beforeNested
    /// In one.
    case nested
    /// In a text, a number or a word.
    case value
    case afterValue
    case end
  }

  private var state = State.start
  private let isList: Bool
  private var key: [UInt8] = []
  private var value: [UInt8] = []
  private var nesting = NestingScan()
  private var isInText = false
  private var isEscaped = false

  /// - Parameter isList: what is expected: a list, or an object.
  init(isList: Bool) { self.isList = isList }

  /// Bytes that wait for the rest of their entry.
  var held: Int { key.count + value.count }

  /// Takes the next part, and hands out the entries that end in it.
  ///
  /// - Parameters:
  ///   - read: is asked first about an entry of which so much has come; what it reads is not handed
  ///     out, nor scanned for its end. It is asked once.
  ///   - each: what it is given lasts no longer than the call: an entry that came in one part is not
  ///     copied.
  mutating func take(
    _ part: ByteBuffer, reading read: Read = { _, _ in nil }, _ each: Each
  ) throws(MalformedReply) {
    let bytes = part.readableBytesSpan
    var index = 0
    while index < bytes.byteCount {
      switch state {
      case .beforeNested:
        let rest = bytes.extracting(index..<bytes.byteCount)
        if let length = try read(isList ? nil : key, rest), length > 0 {
          index += length
          state = .afterValue
        } else {
          state = .nested
        }
      case .nested:
        let found = nesting.end(in: bytes, from: index)
        guard nesting.deepest <= Self.deepest else {
          throw MalformedReply("no JSON: it nests too deep")
        }
        guard let end = found else {
          hold(bytes, index..<bytes.byteCount)
          return
        }
        state = .afterValue
        if value.isEmpty {
          try each(isList ? nil : key, bytes.extracting(index..<end))
        } else {
          hold(bytes, index..<end)
          try unsafe each(isList ? nil : key, value.span.bytes)
        }
        index = end
      case .key:
        takeKey(bytes, &index)
      case .value:
        if takeValue(bytes.byte(at: index)) { index += 1 }
        if state == .afterValue { try unsafe each(isList ? nil : key, value.span.bytes) }
      default:
        if try takeOutside(bytes.byte(at: index), of: part) { index += 1 }
      }
    }
  }

  /// Keeps the beginning of a value until the rest of it comes.
  private mutating func hold(_ bytes: RawSpan, _ range: Range<Int>) {
    unsafe bytes.extracting(range).withUnsafeBytes { unsafe value.append(contentsOf: $0) }
  }

  /// Nothing more comes.
  func requireEnd() throws(MalformedReply) {
    guard state == .end else { throw MalformedReply("no JSON: it ends too soon") }
  }

  /// Takes a key as far as it has come.
  private mutating func takeKey(_ bytes: RawSpan, _ index: inout Int) {
    let start = index
    while index < bytes.byteCount {
      let byte = bytes.byte(at: index)
      if !isEscaped, byte == UInt8(ascii: "\"") { break }
      isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
      index += 1
    }
    unsafe bytes.extracting(start..<index).withUnsafeBytes { unsafe key.append(contentsOf: $0) }
    guard index < bytes.byteCount else { return }
    state = .colon
    index += 1
  }

  /// Takes a byte of a text, a number or a word.
  ///
  /// - Returns: `false` when the value had ended before it.
  private mutating func takeValue(_ byte: UInt8) -> Bool {
    if isInText {
      value.append(byte)
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInText = false
        state = .afterValue
      }
      return true
    }
    switch byte {
    case UInt8(ascii: "\""):
      isInText = true
    case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ","):
      state = .afterValue
      return false
    default:
      break
    }
    value.append(byte)
    return true
  }

  /// A value begins with this byte.
  private mutating func begin(with byte: UInt8) throws(MalformedReply) {
    value.removeAll(keepingCapacity: true)
    if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
      nesting = NestingScan()
      state = .beforeNested
    } else if "}],".utf8.contains(byte) {
      throw MalformedReply("no JSON: a value is missing")
    } else {
      isInText = false
      state = .value
    }
  }

  /// - Returns: `false` when the byte is to be looked at again, as the first of a value.
  private mutating func takeOutside(
    _ byte: UInt8, of part: ByteBuffer
  ) throws(MalformedReply) -> Bool {
    guard byte != 0x20, byte != 0x09, byte != 0x0a, byte != 0x0d else { return true }
    let opening = UInt8(ascii: isList ? "[" : "{")
    let closing = UInt8(ascii: isList ? "]" : "}")
    switch (state, byte) {
    case (.start, opening):
      state = .entry(mayEnd: true)
    case (.entry(mayEnd: true), closing), (.afterValue, closing):
      state = .end
    case (.entry, UInt8(ascii: "\"")) where !isList:
      key.removeAll(keepingCapacity: true)
      state = .key
    case (.colon, UInt8(ascii: ":")):
      state = .beforeValue
    case (.entry, _) where isList:
      try begin(with: byte)
      return false
    case (.beforeValue, _):
      try begin(with: byte)
      return false
    case (.afterValue, UInt8(ascii: ",")):
      state = .entry(mayEnd: false)
    default:
      throw MalformedReply("no JSON: \(Excerpt.of(part))")
    }
    return true
  }
}
