import FoundationEssentials
import NIOCore
import NIOPosix
import Subprocess
import Testing

/// What a monitoring system sees of `evenkeel status --nagios`, whatever is wrong.
@Suite struct PluginTests {
  private static func file(listen: String, more: String = "") throws -> TemporaryFile {
    try TemporaryFile(
      """
      {"cadvisors": ["http://x"], "balancers": [{"name": "lb1", "address": "unix:/a"}],
       "backends": [{"name": "shop"}], "status": {"listen": "\(listen)"\(more)}}
      """)
  }

  private static func expect(
    _ outcome: Program.Outcome, _ code: Int32, _ word: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(outcome.exitCode == code, "\(outcome)", sourceLocation: sourceLocation)
    let first = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)[0]
    #expect(first.hasPrefix("EVENKEEL \(word) - "), "\(outcome)", sourceLocation: sourceLocation)
    #expect(first.utf8.count < 1024, sourceLocation: sourceLocation)
    #expect(outcome.error.isEmpty, "\(outcome.error)", sourceLocation: sourceLocation)
  }

  @Test(arguments: [
    ["--warning", "abc"], ["--bogus"], ["--warning", "1.5:1.2"], ["--watch"], ["--json"],
    ["--warning"], ["--critical", "-1"], ["more"], ["--config", "/nonexistent"], ["--config"],
    ["--url", "gopher://x"], ["--url", "http://127.0.0.1:1", "--token-file", "/nonexistent"],
    ["--nagios=yes"], ["--backend"], ["--warning", String(repeating: "x|\n", count: 2000)],
  ])
  func `a wrong question is UNKNOWN, in one line on standard output`(arguments: [String])
    async throws
  {
    let outcome = try await Program.run(list: ["status", "--nagios"] + arguments)
    Self.expect(outcome, 3, "UNKNOWN")
    #expect(outcome.output.split(separator: "\n").count == 1)
  }

  @Test(arguments: [["statsu", "--nagios"], ["--nagios"], ["explain", "--nagios"]])
  func `so is one to no command, or to another`(arguments: [String]) async throws {
    Self.expect(try await Program.run(list: arguments), 3, "UNKNOWN")
  }

  @Test(arguments: ["--help", "--version"])
  func `who asks for help is told that this says nothing of the daemon`(option: String)
    async throws
  {
    let outcome = try await Program.run("status", "--nagios", option)
    Self.expect(outcome, 3, "UNKNOWN")
    #expect(outcome.output.split(separator: "\n").count > 1)
  }

  @Test func `a configuration that is wrong, or has no status, is UNKNOWN`() async throws {
    for text in ["", "{", "[]", #"{"interval": 1}"#] {
      let file = try TemporaryFile(text)
      Self.expect(
        try await Program.run("status", "--nagios", "--config", file.path), 3, "UNKNOWN")
    }
    let off = try Self.file(listen: "off")
    Self.expect(try await Program.run("status", "--nagios", "--config", off.path), 3, "UNKNOWN")
    let token = try Self.file(listen: "127.0.0.1:1", more: #", "token_file": "/nonexistent""#)
    Self.expect(try await Program.run("status", "--nagios", "--config", token.path), 3, "UNKNOWN")
  }

  @Test func `no daemon is CRITICAL`() async throws {
    let file = try Self.file(listen: "127.0.0.1:1")
    Self.expect(try await Program.run("status", "--nagios", "--config", file.path), 2, "CRITICAL")
    let socket = try Self.file(listen: "unix:/nonexistent/socket")
    Self.expect(
      try await Program.run("status", "--nagios", "--config", socket.path), 2, "CRITICAL")
  }

  @Test(arguments: [
    ("", 2, "CRITICAL"), ("garbage\r\n\r\n", 2, "CRITICAL"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 2, "CRITICAL"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n{", 2, "CRITICAL"),
    ("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", 2, "CRITICAL"),
    ("HTTP/1.1 302 No\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", 2, "CRITICAL"),
    ("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", 3, "UNKNOWN"),
  ])
  func `whatever answers in its place is told from a daemon`(
    answer: String, code: Int32, word: String
  ) async throws {
    let listener = try await Self.listen(answer: answer, thenCloses: true)
    let port = try #require(listener.localAddress?.port)
    let outcome = try await Program.run("status", "--nagios", "--url", "http://127.0.0.1:\(port)")
    try await listener.close()
    Self.expect(outcome, code, word)
  }

  @Test(.timeLimit(.minutes(1)))
  func `a daemon that hangs is CRITICAL within seconds, and a signal UNKNOWN at once`()
    async throws
  {
    let listener = try await Self.listen(answer: "", thenCloses: false)
    let port = try #require(listener.localAddress?.port)
    let url = "http://127.0.0.1:\(port)"
    Self.expect(try await Program.run("status", "--nagios", "--url", url), 2, "CRITICAL")
    // `timeout` sends its signal a second after the start, and waits.
    for signal in ["TERM", "INT"] {
      let outcome = try await Program.run(
        list: ["status", "--nagios", "--url", url],
        under: ["timeout", "--preserve-status", "-s", signal, "1"])
      Self.expect(outcome, 3, "UNKNOWN")
    }
    try await listener.close()
  }

  /// Answers every connection alike, once something was asked.
  private static func listen(answer: String, thenCloses: Bool) async throws -> any Channel {
    try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            Answering(answer: answer, closes: thenCloses))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
  }

  private final class Answering: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: String
    private let closes: Bool

    init(answer: String, closes: Bool) {
      self.answer = answer
      self.closes = closes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
      if closes { context.close(promise: nil) }
    }
  }
}
