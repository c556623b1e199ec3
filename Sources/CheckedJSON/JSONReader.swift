/// Reads JSON (RFC 8259) strictly and says where it fails.
///
/// The usual decoders stop at the first wrong value and drop all but one of a name's values; who
/// writes a file is to be told everything that is wrong with it at once.
package struct JSONReader {
  /// How deep lists and objects may nest; also what bounds the reader's own recursion.
  package static let maximumDepth = 64

  private let bytes: [UInt8]
  private var offset = 0
  private var depth = 0

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  package static func read(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
    var reader = JSONReader(bytes)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      throw reader.failure("begins with a byte order mark", hint: "save it as UTF-8 without BOM")
    }
    try reader.skipSpace()
    guard reader.next != nil else {
      throw JSONSyntaxError(at: reader.offset, of: bytes, "there is nothing in it")
    }
    let value = try reader.value()
    try reader.skipSpace()
    guard reader.next == nil else { throw reader.failure("something follows after the end") }
    return value
  }

  private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private func failure(_ message: String, hint: String? = nil) -> JSONSyntaxError {
    next == nil
      ? JSONSyntaxError(at: offset, of: bytes, "ends too early", hint: "is the file whole?")
      : JSONSyntaxError(at: offset, of: bytes, message, hint: hint)
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private mutating func skipSpace() throws(JSONSyntaxError) {
    while skip(" ") || skip("\n") || skip("\t") || skip("\r") {}
    if next == UInt8(ascii: "/") || next == UInt8(ascii: "#") {
      throw failure("JSON has no comments", hint: "remove it")
    }
  }

  private mutating func value() throws(JSONSyntaxError) -> JSONValue {
    guard let next else { throw failure("expected a value") }
    switch next {
    case UInt8(ascii: "{"): return .object(try members())
    case UInt8(ascii: "["): return .array(try elements())
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    default: return try word()
    }
  }

  private mutating func enter() throws(JSONSyntaxError) {
    guard depth < Self.maximumDepth else { throw failure("lists and objects nest too deep") }
    depth += 1
    offset += 1
    try skipSpace()
  }

  private mutating func members() throws(JSONSyntaxError) -> [JSONValue.Member] {
    try enter()
    defer { depth -= 1 }
    var members: [JSONValue.Member] = []
    if skip("}") { return members }
    while true {
      guard next == UInt8(ascii: "\"") else {
        throw failure("expected a key", hint: "keys take double quotes")
      }
      let name = try string()
      try skipSpace()
      guard skip(":") else { throw failure("expected `:` after the key") }
      try skipSpace()
      members.append(JSONValue.Member(name: name, value: try value()))
      if try isLast(before: "}") { return members }
    }
  }

  private mutating func elements() throws(JSONSyntaxError) -> [JSONValue] {
    try enter()
    defer { depth -= 1 }
    var elements: [JSONValue] = []
    if skip("]") { return elements }
    while true {
      elements.append(try value())
      if try isLast(before: "]") { return elements }
    }
  }

  /// Skips the comma to the next element, or the end of the list.
  private mutating func isLast(before end: Unicode.Scalar) throws(JSONSyntaxError) -> Bool {
    try skipSpace()
    if skip(end) { return true }
    let comma = offset
    guard skip(",") else { throw failure("expected `,` or `\(end)`") }
    try skipSpace()
    guard next != UInt8(ascii: end) else {
      offset = comma
      throw failure("a comma before `\(end)`", hint: "remove the comma")
    }
    return false
  }

  private mutating func word() throws(JSONSyntaxError) -> JSONValue {
    let words = ["true": JSONValue.boolean(true), "false": .boolean(false), "null": .null]
    for (word, value) in words where bytes[offset...].starts(with: word.utf8) {
      offset += word.utf8.count
      return value
    }
    throw failure("expected a value", hint: "strings take double quotes")
  }

  private mutating func number() throws(JSONSyntaxError) -> String {
    let start = offset
    _ = skip("-")
    if !skip("0") { try digits() }
    if skip(".") { try digits() }
    if skip("e") || skip("E") {
      if !skip("-") { _ = skip("+") }
      try digits()
    }
    if isAtDigit { throw failure("a number does not begin with 0") }
    return String(decoding: bytes[start..<offset], as: UTF8.self)
  }

  private mutating func digits() throws(JSONSyntaxError) {
    let start = offset
    while isAtDigit { offset += 1 }
    guard offset > start else { throw failure("expected a digit") }
  }

  private var isAtDigit: Bool { next.map { (0x30...0x39).contains($0) } ?? false }

  private mutating func string() throws(JSONSyntaxError) -> String {
    let start = offset
    offset += 1
    var text: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        guard let string = String(validating: text, as: UTF8.self) else {
          throw JSONSyntaxError(at: start, of: bytes, "the string is not UTF-8")
        }
        return string
      case UInt8(ascii: "\\"): text.append(contentsOf: try escape())
      case 0..<0x20: throw failure("a string ends on the line that it began on")
      default:
        text.append(byte)
        offset += 1
      }
    }
    throw JSONSyntaxError(at: start, of: bytes, "the string does not end")
  }

  /// Reads one escape, or the two that make up one scalar.
  private mutating func escape() throws(JSONSyntaxError) -> String.UTF8View {
    let start = offset
    offset += 1
    let simple: [Unicode.Scalar: String] = [
      "\"": "\"", "\\": "\\", "/": "/", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t",
    ]
    if let byte = next, let text = simple[Unicode.Scalar(byte)] {
      offset += 1
      return text.utf8
    }
    guard skip("u") else {
      throw JSONSyntaxError(
        at: start, of: bytes, "no escape that JSON knows", hint: "a backslash is written `\\\\`")
    }
    var units = [try hexadecimal()]
    if UTF16.isLeadSurrogate(units[0]), bytes[offset...].starts(with: #"\u"#.utf8) {
      offset += 2
      units.append(try hexadecimal())
    }
    guard let text = String(validating: units, as: UTF16.self) else {
      throw JSONSyntaxError(at: start, of: bytes, "half of a surrogate pair")
    }
    return text.utf8
  }

  private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt16 {
    let digits = bytes[offset...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw failure("expected four hexadecimal digits") }
    offset += 4
    return unit
  }
}
