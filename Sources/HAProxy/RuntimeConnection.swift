package import NIOCore
import NIOPosix
package import Names

/// Opens connections to one Runtime API socket, and closes them whatever happens.
package struct RuntimeConnection: Sendable {
  private let address: RuntimeAddress
  private let group: any EventLoopGroup
  private let connectTimeout: TimeAmount
  private let replyLimit: Int
  private let resolver: NameResolver
  private let namePatience: Duration

  package init(
    address: RuntimeAddress, group: any EventLoopGroup, connectTimeout: Duration, replyLimit: Int,
    resolver: NameResolver = .shared
  ) {
    self.address = address
    self.group = group
    self.connectTimeout = TimeAmount(connectTimeout)
    self.replyLimit = replyLimit
    self.resolver = resolver
    namePatience = connectTimeout
  }

  /// Runs `body` on a new connection in `prompt` mode.
  ///
  /// A connection that ends before its first byte is tried once more: a process that hands over at
  /// a reload drops those that wait in its queue. No command but `prompt` has been sent by then.
  package func withSession<Value: Sendable>(
    _ body: (inout RuntimeSession) async throws(RuntimeError) -> Value
  ) async throws(RuntimeError) -> Value {
    for _ in 0..<2 {
      if let value = try await withOneSession(body) { return value }
    }
    throw RuntimeError(
      .endedEarly, at: address, command: RuntimeCommand.prompt.line,
      underlying: "twice before the first byte")
  }

  /// - Returns: `nil` when the connection ended before its first byte.
  private func withOneSession<Value: Sendable>(
    _ body: (inout RuntimeSession) async throws(RuntimeError) -> Value
  ) async throws(RuntimeError) -> Value? {
    do {
      let channel = try await connect()
      return try await wrap(channel).executeThenClose { incoming, outgoing in
        try await channel.setOption(.autoRead, value: true).get()
        var session = RuntimeSession(
          incoming: incoming, outgoing: outgoing, address: address, replyLimit: replyLimit)
        return try await session.open() ? try await body(&session) : nil
      }
    } catch {
      throw Task.isCancelled
        ? RuntimeError(.cancelled, at: address) : RuntimeError(mapping: error, at: address)
    }
  }

  /// Connects, without reading anything yet: to the first of a name's addresses that takes it.
  private func connect() async throws -> any Channel {
    switch address {
    case .unix(let path):
      return try await connect { $0.connect(unixDomainSocketPath: path) }
    case .tcp(let host, let port):
      // Else its lower 16 bits would be taken.
      guard (1...65_535).contains(port) else {
        throw RuntimeError(.other, at: address, underlying: "a port is 1…65535, not \(port)")
      }
      var failure: any Error = NameFailure(host, .unknown("it has no address"))
      for place in try await resolver.addresses(of: host, within: namePatience) {
        do {
          let place = try SocketAddress(ipAddress: place, port: port)
          return try await connect { $0.connect(to: place) }
        } catch {
          try Task.checkCancellation()
          failure = error
        }
      }
      throw failure
    }
  }

  /// When the task is cancelled this returns at once; a connection that is established later is
  /// closed then.
  private func connect(
    _ begin: (ClientBootstrap) -> EventLoopFuture<any Channel>
  ) async throws -> any Channel {
    let eventLoop = group.next()
    let connecting = begin(
      ClientBootstrap(group: eventLoop)
        .connectTimeout(connectTimeout)
        .channelOption(.autoRead, value: false))
    let promise = eventLoop.makePromise(of: (any Channel).self)
    connecting.cascade(to: promise)
    return try await withTaskCancellationHandler {
      try await promise.futureResult.get()
    } onCancel: {
      promise.fail(CancellationError())
      connecting.whenSuccess { $0.close(promise: nil) }
    }
  }

  /// A closed channel must not be wrapped: the wrapper would trap when it is dropped unused.
  private func wrap(_ channel: any Channel) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer>
  {
    try await channel.eventLoop.submit {
      guard channel.isActive else { throw ChannelError.ioOnClosedChannel }
      return try NIOAsyncChannel(
        wrappingChannelSynchronously: channel,
        configuration: .init(isOutboundHalfClosureEnabled: false))
    }.get()
  }
}
