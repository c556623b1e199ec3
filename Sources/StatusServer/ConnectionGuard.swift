internal import NIOCore
internal import Synchronization

/// The connections that are open, so that none outlives the server.
final class OpenConnections: Sendable {
  private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

  /// Ends them all, whatever they are at.
  func close() {
    for channel in channels.withLock({ Array($0.values) }) {
      channel.close(mode: .all, promise: nil)
    }
  }

  fileprivate func add(_ channel: any Channel) {
    channels.withLock { $0[ObjectIdentifier(channel)] = channel }
  }

  fileprivate func remove(_ channel: any Channel) {
    channels.withLock { $0[ObjectIdentifier(channel)] = nil }
  }
}

/// Ends a connection whose client does not read what it is sent.
final class ConnectionGuard: ChannelOutboundHandler, RemovableChannelHandler {
  /// It looks into nothing that it passes on.
  typealias OutboundIn = Never
  typealias OutboundOut = Never

  /// From one part that was sent to the next.
  private static let patience = TimeAmount.seconds(10)

  private let connections: OpenConnections
  private var unsent = 0
  private var end: Scheduled<Void>?

  init(_ connections: OpenConnections) { self.connections = connections }

  func handlerAdded(context: ChannelHandlerContext) { connections.add(context.channel) }

  func handlerRemoved(context: ChannelHandlerContext) {
    end?.cancel()
    connections.remove(context.channel)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let promise = promise ?? context.eventLoop.makePromise()
    if unsent == 0 { wait(context.channel) }
    unsent += 1
    let guardian = NIOLoopBound(self, eventLoop: context.eventLoop)
    let channel = context.channel
    promise.futureResult.whenComplete { _ in guardian.value.sent(channel) }
    context.write(data, promise: promise)
  }

  private func sent(_ channel: any Channel) {
    unsent -= 1
    end?.cancel()
    if unsent > 0 { wait(channel) }
  }

  private func wait(_ channel: any Channel) {
    end = channel.eventLoop.scheduleTask(in: Self.patience) {
      channel.close(mode: .all, promise: nil)
    }
  }
}
