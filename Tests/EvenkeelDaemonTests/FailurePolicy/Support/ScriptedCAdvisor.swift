import HAProxyTestSupport
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A real HTTP server in front of a machine, which answers as a cAdvisor does, or badly.
final class ScriptedCAdvisor: Sendable {
  enum Mood: Sendable, CaseIterable {
    case well
    /// Takes requests and says nothing.
    case silent
    /// A good head, then a byte now and then, for ever.
    case trickling
    /// Status 500.
    case failing
    /// A page that is no JSON.
    case babbling
    /// 100 MB of blanks.
    case flooding
    /// A host without containers.
    case blind
    /// Status 500 for the limits alone, as while a container comes or goes.
    case racing
  }

  static let flood = 100 << 20

  let machine: ScriptedMachine
  let place: (host: String, port: Int)
  private let mood = Mutex(Mood.well)
  private let listener = Mutex<(any Channel)?>(nil)
  private let sent = Atomic<Int>(0)

  init(machine: ScriptedMachine) async throws {
    self.machine = machine
    place = try await FreePort.reserve()
  }

  var url: String { "http://\(place.host):\(place.port)" }
  /// Bytes of a flood that were taken off its hands.
  var flooded: Int { sent.load(ordering: .relaxed) }

  func turn(_ mood: Mood) { self.mood.withLock { $0 = mood } }

  func start() async throws {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Handler(cadvisor: self))
        }
      }
      .bind(host: place.host, port: place.port).get()
    listener.withLock { $0 = channel }
  }

  /// Refuses connections from now on. Those that are open end with their next request.
  func stop() async throws {
    let channel = listener.withLock { listener in
      defer { listener = nil }
      return listener
    }
    try await channel?.close()
  }

  private var isStopped: Bool { listener.withLock { $0 == nil } }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let cadvisor: ScriptedCAdvisor
    private var path = ""
    private var trickle: RepeatedTask?
    private var left = 0

    init(cadvisor: ScriptedCAdvisor) { self.cadvisor = cadvisor }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head): path = String(head.uri.prefix { $0 != "?" })
      case .body: break
      case .end: answer(context)
      }
    }

    func channelInactive(context: ChannelHandlerContext) {
      trickle?.cancel()
      context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
      flood(context)
      context.fireChannelWritabilityChanged()
    }

    private func answer(_ context: ChannelHandlerContext) {
      guard !cadvisor.isStopped else { return context.close(promise: nil) }
      switch cadvisor.mood.withLock({ $0 }) {
      case .well:
        if let reply = cadvisor.machine.reply(to: path) {
          say(reply, .ok, context)
        } else {
          say("404 page not found", .notFound, context)
        }
      case .blind:
        let isList = path == "/api/v2.1/stats" || path == "/api/v1.3/docker/"
        say(isList ? "{}" : cadvisor.machine.reply(to: path) ?? "", .ok, context)
      case .racing where path == "/api/v1.3/docker/":
        say("unable to find data for container", .internalServerError, context)
      case .racing: say(cadvisor.machine.reply(to: path) ?? "", .ok, context)
      case .failing: say("failed to get containers", .internalServerError, context)
      case .babbling: say("<html>Welcome!</html>", .ok, context)
      case .silent: break
      case .trickling:
        begin(.ok, length: 1_000_000, context)
        let channel = context.channel
        trickle = context.eventLoop.scheduleRepeatedTask(
          initialDelay: .zero, delay: .milliseconds(20)
        ) { _ in
          channel.writeAndFlush(
            HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: " "))), promise: nil)
        }
      case .flooding:
        begin(.ok, length: ScriptedCAdvisor.flood, context)
        left = ScriptedCAdvisor.flood
        flood(context)
      }
    }

    private func begin(
      _ status: HTTPResponseStatus, length: Int, _ context: ChannelHandlerContext
    ) {
      let head = HTTPResponseHead(
        version: .http1_1, status: status, headers: ["Content-Length": "\(length)"])
      context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
    }

    private func say(
      _ text: String, _ status: HTTPResponseStatus, _ context: ChannelHandlerContext
    ) {
      begin(status, length: text.utf8.count, context)
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// A flush may report writability from within itself: what is left is counted before it.
    private func flood(_ context: ChannelHandlerContext) {
      while left > 0, context.channel.isActive, context.channel.isWritable {
        let part = ByteBuffer(repeating: UInt8(ascii: " "), count: min(left, 65_536))
        left -= part.readableBytes
        cadvisor.sent.add(part.readableBytes, ordering: .relaxed)
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(part))), promise: nil)
      }
    }
  }
}
