import NIOCore
import NIOHTTP1

/// Carries out the script on one connection.
final class ScriptHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = ByteBuffer

  private let server: ScriptedServer
  private var connection = 0
  private var requests = 0
  private var head: HTTPRequestHead?
  private var body = ""
  private var dripping: RepeatedTask?
  private var isEndless = false
  private var isFilling = false

  init(server: ScriptedServer) { self.server = server }

  func channelActive(context: ChannelHandlerContext) {
    server.note {
      connection = $0.connections
      $0.connections += 1
      $0.openConnections += 1
    }
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    dripping?.cancel()
    server.note { $0.openConnections -= 1 }
    context.fireChannelInactive()
  }

  /// What is no HTTP is told so in plain text, as real servers do.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    write("HTTP/1.0 400 Bad Request\r\n\r\n", context)
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      body = ""
    case .body(let part):
      body += String(buffer: part)
    case .end:
      guard let head else { return }
      let request = ReceivedRequest(
        method: head.method, uri: head.uri, headers: head.headers, body: body,
        connection: connection, indexOnConnection: requests)
      requests += 1
      perform(server.behaviour(for: request), context)
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if isEndless { fill(context) }
    context.fireChannelWritabilityChanged()
  }

  private func perform(_ behaviour: Behaviour, _ context: ChannelHandlerContext) {
    switch behaviour {
    case .answer(let status, let headers, let body):
      let fields = headers.map { "\($0): \($1)\r\n" }.joined()
      write(
        "HTTP/1.1 \(status) Scripted\r\n\(fields)Content-Length: \(body.readableBytes)\r\n\r\n",
        context)
      context.writeAndFlush(wrapOutboundOut(body), promise: nil)
    case .chunked(var body):
      write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", context)
      while let part = body.readSlice(length: min(65_536, body.readableBytes)),
        part.readableBytes > 0
      {
        write("\(String(part.readableBytes, radix: 16))\r\n", context)
        context.write(wrapOutboundOut(part), promise: nil)
        write("\r\n", context)
      }
      write("0\r\n\r\n", context)
    case .raw(let bytes, let closes):
      write(bytes, context)
      if closes { context.close(promise: nil) }
    case .drip:
      write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", context)
      drip(context)
    case .endless(let status):
      write("HTTP/1.1 \(status) Scripted\r\nContent-Type: application/json\r\n\r\n", context)
      isEndless = true
      fill(context)
    case .silence:
      break
    case .hangUp:
      context.close(promise: nil)
    }
  }

  private func write(_ text: String, _ context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
  }

  private func drip(_ context: ChannelHandlerContext) {
    let channel = context.channel
    let server = server
    dripping = context.eventLoop.scheduleRepeatedTask(
      initialDelay: .milliseconds(2), delay: .milliseconds(2)
    ) { _ in
      channel.writeAndFlush(ByteBuffer(string: " "), promise: nil)
      server.note { $0.dripped += 1 }
    }
  }

  /// A flush may report writability from within itself.
  private func fill(_ context: ChannelHandlerContext) {
    guard !isFilling else { return }
    isFilling = true
    defer { isFilling = false }
    let blanks = ByteBuffer(repeating: UInt8(ascii: " "), count: 65_536)
    while context.channel.isActive, context.channel.isWritable {
      context.writeAndFlush(wrapOutboundOut(blanks), promise: nil)
    }
  }
}
