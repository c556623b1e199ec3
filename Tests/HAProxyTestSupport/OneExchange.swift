import NIOCore
import NIOPosix

/// Something said on a connection of its own, and all that is answered until it ends.
package enum OneExchange {
  package static func say(_ text: String, to path: String) async throws -> String {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(unixDomainSocketPath: path) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { incoming, outgoing in
      try await outgoing.write(ByteBuffer(string: text))
      var answer = ""
      for try await chunk in incoming { answer += String(buffer: chunk) }
      return answer
    }
  }

  /// An HTTP request.
  package static func get(from path: String) async throws -> String {
    try await say("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n", to: path)
  }
}
