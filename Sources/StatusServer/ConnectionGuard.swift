internal import NIOCore
internal import NIOHTTPTypes

/// Ends a connection whose client does not finish its request in time, or does not read what it is
/// sent, and tells what it is at.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// Until the first request is whole.
  static let patienceForFirst = TimeAmount.seconds(3)
  /// From an answer until the next request is whole.
  static let patienceForNext = TimeAmount.seconds(15)
  /// From one part that was sent to the next.
  private static let patienceForReading = TimeAmount.seconds(10)

  private let connections: OpenConnections
  /// Requests of which the head has come, and the last of the answer is not yet sent.
  private var unanswered = 0
  /// Between a request's head and its end.
  private var isReceiving = false
  private var unsent = 0
  private var endOfWaiting: Scheduled<Void>?
  private var endOfReading: Scheduled<Void>?

  init(_ connections: OpenConnections) { self.connections = connections }

  /// A request may be refused before it is whole, or come while another is answered.
  private var isWaiting: Bool { unanswered <= (isReceiving ? 1 : 0) }

  func handlerAdded(context: ChannelHandlerContext) {
    connections.add(context.channel)
    awaitRequest(context.channel, for: Self.patienceForFirst)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    endOfWaiting?.cancel()
    endOfReading?.cancel()
    connections.remove(context.channel)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head:
      unanswered += 1
      isReceiving = true
    case .body: break
    case .end:
      isReceiving = false
      if !isWaiting { endOfWaiting?.cancel() }
      tell(context.channel)
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let promise = promise ?? context.eventLoop.makePromise()
    let isEnd = if case .end = unwrapOutboundIn(data) { true } else { false }
    if unsent == 0 { awaitReading(context.channel) }
    unsent += 1
    let guardian = NIOLoopBound(self, eventLoop: context.eventLoop)
    let channel = context.channel
    promise.futureResult.whenComplete { _ in guardian.value.sent(channel, isEnd: isEnd) }
    context.write(data, promise: promise)
    tell(channel)
  }

  private func sent(_ channel: any Channel, isEnd: Bool) {
    unsent -= 1
    endOfReading?.cancel()
    if unsent > 0 { awaitReading(channel) }
    if isEnd {
      let wasWaiting = isWaiting
      // What is no request at all is answered too.
      unanswered = max(0, unanswered - 1)
      if isWaiting, !wasWaiting { awaitRequest(channel, for: Self.patienceForNext) }
    }
    tell(channel)
  }

  private func tell(_ channel: any Channel) {
    connections.note(unsent > 0 ? .unread : isWaiting ? .waiting : .answering, of: channel)
  }

  private func awaitRequest(_ channel: any Channel, for patience: TimeAmount) {
    endOfWaiting?.cancel()
    endOfWaiting = channel.eventLoop.scheduleTask(in: patience) {
      channel.close(mode: .all, promise: nil)
    }
  }

  private func awaitReading(_ channel: any Channel) {
    endOfReading = channel.eventLoop.scheduleTask(in: Self.patienceForReading) {
      channel.close(mode: .all, promise: nil)
    }
  }
}
