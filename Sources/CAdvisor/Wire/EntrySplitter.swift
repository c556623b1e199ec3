import NIOCore

/// Cuts a JSON object or list into its entries while it comes in, so that it need never be held as
/// a whole.
///
/// It knows no more of JSON than that takes: texts, and what opens and closes. Whether an entry is
/// JSON is for whoever decodes it.
struct EntrySplitter {
  struct Entry: Equatable {
    /// As it is written, between its quotes; `nil` in a list.
    var key: [UInt8]?
    var value: [UInt8]
  }

  /// Deeper than anything that cAdvisor sends.
  private static let deepest = 256

  private enum State: Equatable {
    case start
    /// Before an entry; the list may end here unless a comma came.
    case entry(mayEnd: Bool)
    case key
    case colon
    case beforeValue
    case value
    case afterValue
    case end
  }

  private var state = State.start
  private let isList: Bool
  private var key: [UInt8] = []
  private var value: [UInt8] = []
  private var depth = 0
  private var isInText = false
  private var isEscaped = false

  /// - Parameter isList: what is expected: a list, or an object.
  init(isList: Bool) { self.isList = isList }

  /// Takes the next part, and hands out the entries that end in it.
  mutating func take(
    _ part: ByteBuffer, _ each: (Entry) throws(MalformedReply) -> Void
  ) throws(MalformedReply) {
    let bytes = Array(part.readableBytesView)
    var index = 0
    while index < bytes.count {
      if state == .value {
        if try takeValue(bytes[index]) { index += 1 }
        if state == .afterValue { try each(Entry(key: isList ? nil : key, value: value)) }
      } else {
        try takeOutside(bytes[index], of: bytes)
        index += 1
      }
    }
  }

  /// Nothing more comes.
  func requireEnd() throws(MalformedReply) {
    guard state == .end else { throw MalformedReply("no JSON: it ends too soon") }
  }

  /// Takes a byte of a value.
  ///
  /// - Returns: `false` when the value had ended before it.
  private mutating func takeValue(_ byte: UInt8) throws(MalformedReply) -> Bool {
    if isInText {
      value.append(byte)
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInText = false
        if depth == 0 { state = .afterValue }
      }
      return true
    }
    switch byte {
    case UInt8(ascii: "\""):
      isInText = true
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      depth += 1
      guard depth <= Self.deepest else { throw MalformedReply("no JSON: it nests too deep") }
    case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ","):
      if depth == 0 {
        state = .afterValue
        return false
      }
      if byte != UInt8(ascii: ",") {
        depth -= 1
        if depth == 0 { state = .afterValue }
      }
    default:
      break
    }
    value.append(byte)
    return true
  }

  private mutating func begin(with byte: UInt8) throws(MalformedReply) {
    value.removeAll(keepingCapacity: true)
    state = .value
    guard try takeValue(byte) else { throw MalformedReply("no JSON: a value is missing") }
  }

  private mutating func takeOutside(
    _ byte: UInt8, of part: [UInt8]
  ) throws(MalformedReply) {
    if state == .key {
      if !isEscaped, byte == UInt8(ascii: "\"") {
        state = .colon
      } else {
        isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
        key.append(byte)
      }
      return
    }
    guard ![0x20, 0x09, 0x0a, 0x0d].contains(byte) else { return }
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
    case (.beforeValue, _):
      try begin(with: byte)
    case (.afterValue, UInt8(ascii: ",")):
      state = .entry(mayEnd: false)
    default:
      throw MalformedReply("no JSON: \(Excerpt.of(ByteBuffer(bytes: part)))")
    }
  }
}
