internal import CheckedJSON
internal import Deadlines
internal import FoundationEssentials
internal import NIOCore
internal import NIOPosix

/// Gives orders to a daemon on this machine.
package struct BrakeClient: Sendable {
  private static let deadline = Duration.seconds(75)
  private static let mostBytes = 64 * 1024

  private let path: String

  package init(path: String) { self.path = path }

  /// - Throws: `StatusClient.NoAnswer`, or `StatusClient.Refused` where the system keeps us out.
  package func give(_ order: BrakeOrder) async throws -> BrakeReply {
    let connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>
    do {
      connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(unixDomainSocketPath: path) { channel in
          channel.eventLoop.makeCompletedFuture {
            try NIOAsyncChannel(
              wrappingChannelSynchronously: channel,
              configuration: .init(inboundType: ByteBuffer.self, outboundType: ByteBuffer.self))
          }
        }
    } catch {
      let reason = SystemMessage.of(error)
      if let failure = error as? IOError, failure.isOfPermission {
        throw StatusClient.Refused(
          description: "\(path): \(reason): root and the user of the daemon may do this; use sudo")
      }
      throw StatusClient.NoAnswer(
        description: "\(path): \(reason): is evenkeel running on this machine? (--runtime-dir)")
    }
    do {
      return try await withDeadline(after: Self.deadline, clock: .continuous) {
        try await connection.executeThenClose { inbound, outbound in
          var bytes = ByteBuffer(bytes: try JSONEncoder().encode(order))
          bytes.writeString("\n")
          try await outbound.write(bytes)
          return try await Self.reply(from: inbound)
        }
      }
    } catch {
      throw StatusClient.NoAnswer(
        description: "\(path): no answer; look at `evenkeel status` for what became of it")
    }
  }

  private static func reply(
    from inbound: NIOAsyncChannelInboundStream<ByteBuffer>
  ) async throws -> BrakeReply {
    var bytes: [UInt8] = []
    for try await part in inbound {
      bytes += part.readableBytesView
      guard bytes.count <= mostBytes, bytes.last != UInt8(ascii: "\n") else { break }
    }
    return try WholeJSON.decode(BrakeReply.self, from: bytes)
  }
}
