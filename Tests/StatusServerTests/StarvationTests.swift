import EvenkeelDaemon
import HAProxyTestSupport
import NIOCore
import NIOEmbedded
import NIOPosix
import TestSupport
import Testing

@testable import StatusServer

/// Clients that take places and do nothing with them.
@Suite(.timeLimit(.minutes(2))) struct StarvationTests {
  /// Connections that were opened, and how many of them the other end has closed.
  private struct Crowd {
    var channels: [any Channel] = []

    mutating func open(_ count: Int, at port: Int, sending text: String = "") async throws {
      for _ in 0..<count {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
          .connect(host: "127.0.0.1", port: port).get()
        if !text.isEmpty { try await channel.writeAndFlush(ByteBuffer(string: text)).get() }
        channels.append(channel)
      }
    }

    func close() async {
      for channel in channels { try? await channel.close() }
    }
  }

  private static func port(_ url: String) throws -> Int {
    try #require(Int(url.split(separator: ":").last?.dropLast() ?? ""))
  }

  @Test(arguments: [
    "", "GET /api/v1/st", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ",
    "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nx",
  ])
  func `however many say nothing or half of it, who asks is answered`(
    beginning: String
  ) async throws {
    try await ServedStatus.run { status in
      let url = await status.address()
      await status.tick()
      var crowd = Crowd()
      try await crowd.open(
        3 * OpenConnections.places, at: Self.port(url), sending: beginning)
      let begun = ContinuousClock.now
      for path in ["healthz", "metrics", "api/v1/status"] {
        #expect(try await get(url + path).status == 200)
      }
      let client = try StatusClient(url: String(url.dropLast()), token: nil)
      #expect(try await client.status().tick == 1)
      // Not as late as the idle are cut off.
      #expect(ContinuousClock.now - begun < .seconds(2.5))
      await crowd.close()
    }
  }

  @Test func `those that follow keep their places when others idle`() async throws {
    try await ServedStatus.run { status in
      let url = await status.address()
      let port = try Self.port(url)
      let ask = "GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
      var followers = Crowd()
      try await followers.open(StatusRoutes.mostFollowers, at: port, sending: ask)
      try await eventually("all of them follow") {
        status.board.followers == StatusRoutes.mostFollowers
      }
      var crowd = Crowd()
      try await crowd.open(3 * OpenConnections.places, at: port)
      #expect(try await get(url + "healthz").status == 200)
      #expect(status.board.followers == StatusRoutes.mostFollowers)
      await crowd.close()
      await followers.close()
    }
  }

  @Test func `a request that is not whole in three seconds is cut off`() async throws {
    try await ServedStatus.run { status in
      let port = try Self.port(await status.address())
      for beginning in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"] {
        var crowd = Crowd()
        let begun = ContinuousClock.now
        try await crowd.open(1, at: port, sending: beginning)
        try await crowd.channels.first?.closeFuture.get()
        let took = ContinuousClock.now - begun
        #expect(took > .seconds(2.5) && took < .seconds(10), "\(beginning): \(took)")
      }
    }
  }

  @Test func `a connection that asks again and again outlives three seconds`() async throws {
    try await ServedStatus.run { status in
      let port = try Self.port(await status.address())
      let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(host: "127.0.0.1", port: port) { channel in
          channel.eventLoop.makeCompletedFuture {
            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
          }
        }
      let ask = ByteBuffer(string: "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
      try await channel.executeThenClose { inbound, outbound in
        var answers = inbound.makeAsyncIterator()
        for pauses in [false, true, false] {
          if pauses {
            // Between two requests there is more time than a first one has: who says nothing is cut off.
            var idle = Crowd()
            try await idle.open(1, at: port)
            try await idle.channels.first?.closeFuture.get()
          }
          try await outbound.write(ask)
          var text = ""
          while !text.hasSuffix("ok\n"), let part = try await answers.next() {
            text += String(buffer: part)
          }
          #expect(text.hasPrefix("HTTP/1.1 200"))
        }
      }
    }
  }

  @Test func `another machine has its share of the places and no more`() throws {
    let connections = OpenConnections()
    let peer = try (0..<OpenConnections.placesOfPeer + 5).map { port in
      try Self.channel(from: "192.0.2.1", port: 1000 + port)
    }
    let other = try Self.channel(from: "192.0.2.2", port: 1)
    let local = try (0..<20).map { try Self.channel(from: "127.0.0.1", port: 2000 + $0) }
    connections.add(other)
    for channel in local + peer { connections.add(channel) }
    for channel in [other] + local + peer { channel.embeddedEventLoop.run() }
    #expect(peer.count { $0.isActive } == OpenConnections.placesOfPeer)
    // The oldest of them had to go, nobody else's.
    #expect(peer.prefix(5).allSatisfy { !$0.isActive })
    #expect(other.isActive && local.allSatisfy { $0.isActive })
    for channel in peer { connections.note(.answering, of: channel) }
    let late = try Self.channel(from: "192.0.2.1", port: 1)
    connections.add(late)
    late.embeddedEventLoop.run()
    #expect(!late.isActive && peer.count { $0.isActive } == OpenConnections.placesOfPeer)
    for channel in [other] + local + peer { _ = try? channel.finish() }
  }

  private static func channel(from address: String, port: Int) throws -> EmbeddedChannel {
    let channel = EmbeddedChannel()
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 9797)).wait()
    channel.remoteAddress = try SocketAddress(ipAddress: address, port: port)
    return channel
  }
}
