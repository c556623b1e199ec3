import HAProxyTestSupport
import NIOCore
import NIOPosix
import Synchronization

/// A socket that answers lines as a test says: for what a real HAProxy does too seldom.
struct ScriptedHAProxy: Sendable {
  enum Answer: Sendable {
    /// These bytes.
    case say(String)
    /// These bytes, and then the connection ends.
    case sayAndClose(String)
    case silence
  }

  /// Answers a line; connections are counted from 0.
  typealias Script = @Sendable (_ line: String, _ connection: Int) -> Answer

  let path: String
  private let record: Record

  /// All lines that came, in order.
  var lines: [String] { record.lines.withLock { $0 } }

  static func run<Value>(
    _ script: @escaping Script, _ body: (ScriptedHAProxy) async throws -> Value
  ) async throws -> Value {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/scripted.sock"
      let record = Record()
      let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            let connection = record.connections.add(1, ordering: .relaxed).oldValue
            try channel.pipeline.syncOperations.addHandler(
              LineHandler(record: record) { script($0, connection) })
          }
        }
        .bind(unixDomainSocketPath: path).get()
      do {
        let value = try await body(ScriptedHAProxy(path: path, record: record))
        try await server.close()
        return value
      } catch {
        try? await server.close()
        throw error
      }
    }
  }

  /// Answers the commands that are listed, and to any other one what HAProxy does.
  static func answering(_ replies: [String: String]) -> Script {
    { line, _ in
      switch line {
      case "prompt": .say("\n> ")
      default: .say((replies[line] ?? "Unknown command\n") + "\n> ")
      }
    }
  }

  private final class Record: Sendable {
    let lines = Mutex<[String]>([])
    let connections = Atomic<Int>(0)
  }

  private final class LineHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let record: Record
    private let answer: (String) -> Answer
    private var pending: [UInt8] = []

    init(record: Record, answer: @escaping (String) -> Answer) {
      self.record = record
      self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      for byte in unwrapInboundIn(data).readableBytesView {
        guard byte == UInt8(ascii: "\n") else {
          pending.append(byte)
          continue
        }
        let line = String(decoding: pending, as: UTF8.self)
        pending = []
        record.lines.withLock { $0.append(line) }
        respond(to: line, context)
      }
    }

    private func respond(to line: String, _ context: ChannelHandlerContext) {
      switch answer(line) {
      case .say(let text):
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
      case .sayAndClose(let text):
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        context.close(promise: nil)
      case .silence:
        break
      }
    }
  }
}
