internal import CheckedJSON
internal import Deadlines
internal import FoundationEssentials
internal import Glibc
package import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

/// Takes orders at a local socket: who may connect is a matter of its permissions, and who does is
/// asked of the kernel besides. HTTP stays read-only.
///
/// Its failures are no failures of the loop: without it weights are steered all the same.
package struct BrakeServer: Service {
  private static let retry = Duration.seconds(10)
  private static let mostOrderBytes = 4096
  /// Until an order has come.
  private static let patience = Duration.seconds(5)
  /// Until it is carried out: a tick may be on its way.
  private static let mostWaiting = Duration.seconds(60)

  private let path: String
  private let desk: BrakeDesk
  private let keeper: BrakeKeeper?
  private let log: EventLog
  private let clock: any Clock<Duration>

  package init(
    path: String, desk: BrakeDesk, keeper: BrakeKeeper?, logger: Logger,
    clock: any Clock<Duration> = ContinuousClock()
  ) {
    self.path = path
    self.desk = desk
    self.keeper = keeper
    log = EventLog(logger)
    self.clock = clock
  }

  package func run() async throws {
    await cancelWhenGracefulShutdown {
      var outage = Outage()
      while !Task.isCancelled {
        do {
          try await listen { outage.end() }
        } catch {
          guard !Task.isCancelled else { return }
          if outage.begin() {
            log.log(
              .brakeUnavailable,
              "nobody can pause or restore (\(path): \(SystemMessage.of(error))); weights are steered "
                + "all the same, and it is tried again every \(DurationText(Self.retry))")
          }
          try? await clock.sleep(for: Self.retry)
        }
      }
    }
  }

  private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

  /// - Parameter onListening: called once orders can be given.
  private func listen(onListening: () -> Void) async throws {
    try await makeRoom()
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(unixDomainSocketPath: path) { channel in
        channel.eventLoop.makeCompletedFuture {
          try Connection(
            wrappingChannelSynchronously: channel,
            configuration: .init(inboundType: ByteBuffer.self, outboundType: ByteBuffer.self))
        }
      }
    defer { _ = unsafe unlink(path) }
    // Root may connect whatever it says.
    guard unsafe chmod(path, 0o600) == 0 else { throw IOError(errnoCode: errno, reason: "chmod") }
    onListening()
    try await server.executeThenClose { connections in
      // One after the other: orders are few, and none can be given by a stranger.
      for try await connection in connections {
        // Who goes away half way has no order.
        try? await serve(connection)
      }
    }
  }

  /// Makes the socket's directory, and takes away what an earlier run left.
  private func makeRoom() async throws {
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
    try FileManager.default.createDirectory(
      atPath: folder.isEmpty ? "." : folder, withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o755])
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
    if let other = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(unixDomainSocketPath: path).get()
    {
      try? await other.close()
      throw IOError(errnoCode: EADDRINUSE, reason: "another evenkeel")
    }
    _ = unsafe unlink(path)
  }

  private func serve(_ connection: Connection) async throws {
    let user = await LocalUser.atOtherEnd(of: connection.channel)
    try await connection.executeThenClose { inbound, outbound in
      let reply: BrakeReply
      if let user, user.mayGiveOrders {
        let order = try await withDeadline(after: Self.patience, clock: .continuous) {
          try await Self.order(from: inbound)
        }
        reply = try await carryOut(order, of: user)
      } else {
        reply = BrakeReply(
          done: false, lines: ["only root and the user of the daemon may do this; use sudo"])
      }
      var bytes = ByteBuffer(bytes: try JSONEncoder().encode(reply))
      bytes.writeString("\n")
      try await outbound.write(bytes)
    }
  }

  private static func order(
    from inbound: NIOAsyncChannelInboundStream<ByteBuffer>
  ) async throws -> BrakeOrder {
    var bytes: [UInt8] = []
    for try await part in inbound {
      bytes += part.readableBytesView
      guard bytes.count <= mostOrderBytes else { break }
      if bytes.last == UInt8(ascii: "\n") {
        return try WholeJSON.decode(BrakeOrder.self, from: bytes)
      }
    }
    throw BrakeOrder.Refusal(description: "this is no order")
  }

  private func carryOut(_ order: BrakeOrder, of user: LocalUser) async throws -> BrakeReply {
    let name = user.name
    let person = (order.askedBy ?? "").filter { !$0.isWhitespace }.prefix(64)
    let shown = person.isEmpty || person == name ? name : "\(person) as \(name)"
    let outcome = try await withDeadline(after: Self.mostWaiting, clock: .continuous) {
      await desk.ask(order, by: shown)
    }
    var reply = outcome.reply
    if let kept = outcome.kept, let failure = await keeper?.save(kept) {
      log.log(.stateNotKept, "\(failure); what is paused does not outlast this run")
      reply.lines.append("this does not outlast the daemon's run: \(failure)")
    }
    return reply
  }
}
