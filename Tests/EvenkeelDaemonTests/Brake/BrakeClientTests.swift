import EvenkeelDaemon
import HAProxyTestSupport
import NIOCore
import NIOPosix
import Testing

@Suite struct BrakeClientTests {
  /// Answers whatever comes, and hangs up.
  private final class Answering: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: String

    init(_ answer: String) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
      context.close(promise: nil)
    }
  }

  private static func ask(answer: String) async throws -> BrakeReply {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/control.sock"
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { $0.pipeline.addHandler(Answering(answer)) }
      .bind(unixDomainSocketPath: path).get()
    let reply: Result<BrakeReply, any Error>
    do {
      reply = .success(try await BrakeClient(path: path).give(BrakeOrder(.pause)))
    } catch {
      reply = .failure(error)
    }
    try await listener.close()
    return try reply.get()
  }

  @Test func `what the daemon says is read`() async throws {
    let reply = try await Self.ask(answer: #"{"version":1,"done":true,"lines":["a"]}"# + "\n")
    #expect(reply == BrakeReply(done: true, lines: ["a"]))
  }

  // At 513 brackets the decoder gives up.
  @Test(arguments: [0, 1, 512, 513, 514])
  func `an answer that breaks off is none`(depth: Int) async throws {
    await #expect(throws: StatusClient.NoAnswer.self) {
      try await Self.ask(answer: String(repeating: "[", count: depth) + (depth == 0 ? "\n" : ""))
    }
  }
}
