import NIOCore
import Testing

@testable import CAdvisor

struct EntrySplitterTests {
  /// Entries as `key=value`, however the text is cut into parts.
  private static func entries(_ text: String, partLength: Int) throws -> [String] {
    var splitter = EntrySplitter(isList: text.first { $0 != " " } == "[")
    var entries: [String] = []
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: partLength) {
      let part = ByteBuffer(bytes: bytes[start..<min(start + partLength, bytes.count)])
      try splitter.take(part) { key, value in
        let key = key.map { String(decoding: $0, as: UTF8.self) + "=" } ?? ""
        entries.append(key + String(decoding: value.array(0..<value.byteCount), as: UTF8.self))
      }
    }
    try splitter.requireEnd()
    return entries
  }

  struct Case: CustomTestStringConvertible {
    var text: String
    var entries: [String]
    var testDescription: String { text }
  }

  static let cases = [
    Case(text: "{}", entries: []),
    Case(text: " [ ] \n", entries: []),
    Case(
      text: #"{"a":1,"b" : [2,{"c":3}] , "d":"x"}"#,
      entries: ["a=1", #"b=[2,{"c":3}]"#, #"d="x""#]),
    Case(
      text: #"[1, "}]", {"]":"\"}"}, null]"#,
      entries: ["1", #""}]""#, #"{"]":"\"}"}"#, "null"]),
    Case(text: #"{"a\"b\\":{}}"#, entries: [#"a\"b\\={}"#]),
    Case(text: #"{"/docker/é":{"é":"☃"}}"#, entries: [#"/docker/é={"é":"☃"}"#]),
  ]

  @Test(arguments: cases, [1, 2, 3, 7, 1000])
  func `entries come whole, wherever the parts are cut`(_ case: Case, partLength: Int) throws {
    #expect(try Self.entries(`case`.text, partLength: partLength) == `case`.entries)
  }

  @Test(arguments: [
    "", "{", "[", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{\"a\":}", "[1,]",
    "{1}", "{\"a\" 1}", "{]", "[}", "{}{}", "7", "\"x\"", "<html>", "{\"a\":[1}",
    String(repeating: "[", count: 1000),
  ])
  func `what is no object and no list is refused`(_ text: String) {
    #expect(throws: MalformedReply.self) { try Self.entries(text, partLength: 3) }
  }

  @Test func `a reply that is read part by part needs no more than a container at a time`() throws {
    let sample = #"{"timestamp":"2026-11-24T21:03:15Z","cpu":{"usage":{"total":7}}}"#
    var reader = ReplyDecoder.containers()
    try reader.take(ByteBuffer(string: "{"))
    for index in 0..<1000 {
      let comma = index == 0 ? "" : ","
      try reader.take(
        ByteBuffer(string: #"\#(comma)"/docker/\#(index)":{"spec":{"aliases":["c\#(index)"]},"#))
      try reader.take(ByteBuffer(string: #""stats":[\#(sample)]}"#))
    }
    try reader.take(ByteBuffer(string: "}"))
    let reply = try reader.finish(answeredAt: 1)
    #expect(reply.containers.count == 1000 && reply.answeredAtNanoseconds == 1)
    #expect(reply.containers.allSatisfy { $0.samples.count == 1 })
  }
}
