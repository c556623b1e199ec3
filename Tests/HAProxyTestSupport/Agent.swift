import NIOCore
import NIOPosix

/// An agent for HAProxy's agent-check, which says the same to everyone who connects.
package struct Agent: Sendable {
  package let port: Int

  package static func run<Value>(
    saying text: String, _ body: (Agent) async throws -> Value
  ) async throws -> Value {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Speaker(text: text))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    do {
      let value = try await body(Agent(port: server.localAddress?.port ?? 0))
      try await server.close()
      return value
    } catch {
      try? await server.close()
      throw error
    }
  }

  private final class Speaker: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let text: String

    init(text: String) { self.text = text }

    func channelActive(context: ChannelHandlerContext) {
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
      context.close(promise: nil)
    }
  }
}
