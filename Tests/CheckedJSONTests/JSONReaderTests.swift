import Testing

@testable import CheckedJSON

struct JSONReaderTests {
  @Test func `an object keeps the order of its members and both values of a repeated name`() throws
  {
    let value = try JSONReader.read(Array(#" { "b" : 1 , "a" : [ ] , "b" : { } } "#.utf8))
    #expect(
      value
        == .object([
          .init(name: "b", value: .number("1")), .init(name: "a", value: .array([])),
          .init(name: "b", value: .object([])),
        ]))
  }

  @Test(arguments: [
    ("null", JSONValue.null), ("true", .boolean(true)), ("false", .boolean(false)),
    ("0", .number("0")), ("-0", .number("-0")), ("-12.50e+3", .number("-12.50e+3")),
    ("1E400", .number("1E400")), (#""""#, .string("")), ("\t\r\n []", .array([])),
    (#""a\"\\\/\b\f\n\r\t""#, .string("a\"\\/\u{8}\u{C}\n\r\t")),
    (#""\u0041\u00e9\uD83D\uDE00""#, .string("Aé😀")), (#""é😀""#, .string("é😀")),
    (#""\u0000""#, .string("\0")), ("[[1],{}]", .array([.array([.number("1")]), .object([])])),
  ])
  func `every kind of value is read`(text: String, value: JSONValue) throws {
    #expect(try JSONReader.read(Array(text.utf8)) == value)
  }

  @Test(
    arguments: [
      ("", 1, 1, "there is nothing in it", nil),
      (" \n\t", 2, 2, "there is nothing in it", nil),
      ("{", 1, 2, "ends too early", "is the file whole?"),
      (#"{"a""#, 1, 5, "ends too early", "is the file whole?"),
      (#"{"a":"#, 1, 6, "ends too early", "is the file whole?"),
      ("[1", 1, 3, "ends too early", "is the file whole?"),
      ("[1,", 1, 4, "ends too early", "is the file whole?"),
      ("-", 1, 2, "ends too early", "is the file whole?"),
      ("\u{FEFF}{}", 1, 1, "begins with a byte order mark", "save it as UTF-8 without BOM"),
      ("{\n  \"a\": 1,\n}", 2, 9, "a comma before `}`", "remove the comma"),
      ("[1 , ]", 1, 4, "a comma before `]`", "remove the comma"),
      ("// x\n{}", 1, 1, "JSON has no comments", "remove it"),
      ("{} # x", 1, 4, "JSON has no comments", "remove it"),
      ("[1, /* x */ 2]", 1, 5, "JSON has no comments", "remove it"),
      ("{a: 1}", 1, 2, "expected a key", "keys take double quotes"),
      ("{'a': 1}", 1, 2, "expected a key", "keys take double quotes"),
      (#"{"a" 1}"#, 1, 6, "expected `:` after the key", nil),
      (#"{"a": 1 "b": 2}"#, 1, 9, "expected `,` or `}`", nil),
      ("[1 2]", 1, 4, "expected `,` or `]`", nil),
      ("[,1]", 1, 2, "expected a value", "strings take double quotes"),
      ("['a']", 1, 2, "expected a value", "strings take double quotes"),
      ("[True]", 1, 2, "expected a value", "strings take double quotes"),
      ("NaN", 1, 1, "expected a value", "strings take double quotes"),
      ("+1 ", 1, 1, "expected a value", "strings take double quotes"),
      ("{} {}", 1, 4, "something follows after the end", nil),
      ("truex", 1, 5, "something follows after the end", nil),
      ("[01]", 1, 3, "a number does not begin with 0", nil),
      ("[1.]", 1, 4, "expected a digit", nil),
      ("[1e+]", 1, 5, "expected a digit", nil),
      ("[.5]", 1, 2, "expected a value", "strings take double quotes"),
      (#"["a]"#, 1, 2, "the string does not end", nil),
      ("[\"é\", \"a\nb\"]", 1, 9, "a string ends on the line that it began on", nil),
      (#"["\x"]"#, 1, 3, "no escape that JSON knows", #"a backslash is written `\\`"#),
      (#"["a\.b"]"#, 1, 4, "no escape that JSON knows", #"a backslash is written `\\`"#),
      (#"["\u12"]"#, 1, 5, "expected four hexadecimal digits", nil),
      (#"["\u-001"]"#, 1, 5, "expected four hexadecimal digits", nil),
      (#"["\uD83D"]"#, 1, 3, "half of a surrogate pair", nil),
      (#"["\uDE00"]"#, 1, 3, "half of a surrogate pair", nil),
      (#"["\uD83D\u0041"]"#, 1, 3, "half of a surrogate pair", nil),
    ] as [(String, Int, Int, String, String?)])
  func `a fault is named with its line and column`(
    text: String, line: Int, column: Int, message: String, hint: String?
  ) {
    #expect(throws: JSONSyntaxError(line: line, column: column, message: message, hint: hint)) {
      try JSONReader.read(Array(text.utf8))
    }
  }

  @Test(arguments: [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]])
  func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
    let error = JSONSyntaxError(line: 1, column: 1, message: "the string is not UTF-8", hint: nil)
    #expect(throws: error) { try JSONReader.read([0x22] + bytes + [0x22]) }
    #expect(throws: JSONSyntaxError.self) { try JSONReader.read(bytes) }
  }

  @Test func `lists nest up to the limit and no deeper`() throws {
    func nested(_ depth: Int) -> [UInt8] {
      Array(String(repeating: "[", count: depth).utf8)
        + Array(String(repeating: "]", count: depth).utf8)
    }
    _ = try JSONReader.read(nested(JSONReader.maximumDepth))
    let error = JSONSyntaxError(
      line: 1, column: JSONReader.maximumDepth + 1, message: "lists and objects nest too deep",
      hint: nil)
    #expect(throws: error) { try JSONReader.read(nested(JSONReader.maximumDepth + 1)) }
    #expect(throws: error) { try JSONReader.read(nested(1_000_000)) }
  }

  @Test func `siblings do not count as depth`() throws {
    let lists = Array(repeating: "[[]]", count: 200).joined(separator: ",")
    _ = try JSONReader.read(Array("[\(lists)]".utf8))
  }
}
