import HAProxy
import Testing

@Suite struct PromptFramingTests {
  private static func framed(
    _ bytes: some Collection<UInt8>, limit: Int = .max
  ) throws -> [String] {
    var framing = PromptFraming(limit: limit)
    return try framing.receive(bytes)
  }

  @Test(arguments: CapturedReply.versions)
  func `each pipelined line has its own reply`(version: String) throws {
    let replies = try Self.framed(CapturedReply.bytes("prompt-lines", version: version))
    #expect(
      replies == [
        "50 (initial 100)", "", "Empty weight string empty or preceded by garbage",
        "No such server.", "60 (initial 100)",
      ])
  }

  /// The newest version answers a line of several commands with one marker.
  @Test(arguments: zip(CapturedReply.versions, [4, 4, 4, 1]))
  func `commands on one line are not counted alike`(version: String, replies: Int) throws {
    let bytes = try CapturedReply.bytes("prompt-semicolons", version: version)
    #expect(try Self.framed(bytes).count == replies)
  }

  @Test(arguments: CapturedReply.versions, CapturedReply.singleCommands)
  func `a reply ends at its marker and not one byte before`(version: String, name: String) throws {
    let reply = try CapturedReply.bytes(name, version: version)
    var framing = PromptFraming(limit: .max)
    for byte in "\n> ".utf8 { #expect(try framing.receive([byte]) == []) }
    for byte in reply + ">".utf8 { #expect(try framing.receive([byte]) == []) }
    #expect(framing.isWithinReply)
    #expect(
      try framing.receive(" ".utf8) == [CapturedReply.text(name, version: version)])
    #expect(!framing.isWithinReply)
  }

  @Test(arguments: CapturedReply.versions)
  func `replies do not depend on how they are cut into pieces`(version: String) throws {
    let bytes = try CapturedReply.bytes("prompt-lines", version: version)
    let whole = try Self.framed(bytes)
    for size in 1...bytes.count {
      var framing = PromptFraming(limit: .max)
      var replies: [String] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        replies += try framing.receive(bytes[start..<min(start + size, bytes.count)])
      }
      #expect(replies == whole, "in pieces of \(size) bytes")
    }
  }

  @Test func `the reply of a process that stops is paired like any other`() throws {
    let bytes = try CapturedReply.bytes("reload-old-connection", version: "2.6.12")
    let replies = try Self.framed(Array("\n> ".utf8) + bytes)
    #expect(replies.count == 3)
    #expect(try RuntimeProcess(reply: try #require(replies.first)).isStopping)
    #expect(replies.dropFirst() == ["Proxy is disabled.", "33 (initial 100)"])
  }

  @Test func `the first marker alone opens the conversation`() throws {
    var framing = PromptFraming(limit: .max)
    for byte in "\n>".utf8 { _ = try framing.receive([byte]) }
    #expect(!framing.isOpen)
    #expect(try framing.receive(" ".utf8) == [])
    #expect(framing.isOpen)
  }

  @Test func `the master process is known by its greeting`() throws {
    let captured = try CapturedReply.bytes("master-prompt", version: "2.6.12")
    #expect(throws: PromptFraming.Violation.masterSocket) { try Self.framed(captured) }
    #expect(throws: PromptFraming.Violation.masterSocket) {
      try Self.framed("master[ReloadFailed]> ".utf8)
    }
  }

  @Test(arguments: ["HTTP/1.1 400 Bad Request", "> ", "\n\n> ", "\n>\n", "mast> "])
  func `another greeting is no HAProxy's`(greeting: String) {
    #expect {
      try Self.framed(greeting.utf8)
    } throws: { error in
      guard case PromptFraming.Violation.unknownGreeting = error else { return false }
      return true
    }
  }

  @Test func `a conversation that is longer than allowed ends with the first byte too many`() throws
  {
    let bytes = Array("\n> abc\n> ".utf8)
    #expect(try Self.framed(bytes, limit: bytes.count) == ["abc"])
    #expect(throws: PromptFraming.Violation.tooLong(limit: bytes.count - 1)) {
      try Self.framed(bytes, limit: bytes.count - 1)
    }
  }

  @Test func `what has become too long stays so`() throws {
    var framing = PromptFraming(limit: 8)
    #expect(try framing.receive("\n> abc".utf8) == [])
    for piece in ["\n> abcdef", "x"] {
      #expect(throws: PromptFraming.Violation.tooLong(limit: 8)) {
        try framing.receive(piece.utf8)
      }
    }
  }

  @Test func `bytes that are no text do not stop the framing`() throws {
    let replies = try Self.framed("\n> ".utf8 + [0xFF, 0x00] + "\n> ".utf8)
    #expect(replies == ["\u{FFFD}\0"])
  }
}
