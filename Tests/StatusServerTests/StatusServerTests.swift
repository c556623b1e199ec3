import AsyncHTTPClient
import EvenkeelDaemon
import FoundationEssentials
import HAProxyTestSupport
import NIOCore
import NIOHTTP1
import NIOPosix
import TestSupport
import Testing

@testable import StatusServer

/// The status over real sockets.
@Suite(.timeLimit(.minutes(2))) struct StatusServerTests {
  @Test func `what is asked for is answered, and nothing else`() async throws {
    try await ServedStatus.run { status in
      let url = await status.address()
      #expect(try await get(url + "readyz").status == 503)
      await status.tick()
      #expect(try await get(url + "readyz").body == "ready\n")
      #expect(try await get(url + "healthz").body == "ok\n")
      let json = try await get(url + "api/v1/status")
      #expect(json.headers.first(name: "content-type") == "application/json")
      #expect(json.headers.first(name: "cache-control") == "no-store")
      #expect(json.body.contains(#""tick":1"#))
      #expect(try await get(url + "api/v1/history").body.contains(#""name":"shop""#))
      #expect(try await get(url + "api/v1/history?backend=x").body.contains(#""backends":[]"#))
      #expect(try await get(url + "api/v1/explain?backend=shop&server=a").status == 200)
      #expect(try await get(url + "api/v1/explain?backend=shop&server=z").status == 404)
      #expect(try await get(url + "api/v1/explain").status == 400)
      #expect(try await get(url + "metrics").body.contains("evenkeel_ticks_total 1\n"))
      #expect(try await get(url + "nowhere").status == 404)
      #expect(try await get(url + "../../etc/passwd").status == 404)
      for method in ["POST", "PUT", "DELETE", "PATCH"] {
        #expect(try await get(url + "api/v1/status", method: .RAW(value: method)).status >= 400)
      }
    }
  }

  @Test func `a loop that does not go on is not healthy`() async throws {
    try await ServedStatus.run { status in
      let url = await status.address()
      status.progress.promise(within: .zero)
      let (health, metrics) = try await (get(url + "healthz"), get(url + "metrics"))
      #expect(health.status == 503)
      #expect(metrics.body.contains("evenkeel_loop_ok 0\n"))
    }
  }

  @Test func `the page is whole, and may load nothing from elsewhere`() async throws {
    try await ServedStatus.run { status in
      let url = await status.address()
      let page = try await get(url)
      let policy = try #require(page.headers.first(name: "content-security-policy"))
      #expect(policy.hasPrefix("default-src 'none';"))
      let nonce = try #require(policy.split(separator: "'nonce-").dropFirst().first)
        .prefix { $0 != "'" }
      #expect(nonce.count >= 20)
      #expect(page.body.contains("<script nonce=\"\(nonce)\">"))
      #expect(page.body.contains("<style nonce=\"\(nonce)\">"))
      #expect(!page.body.contains("<script>") && !page.body.contains("<style>"))
      #expect(try await get(url).headers.first(name: "content-security-policy") != policy)
    }
  }

  @Test func `with a token, only those who know it see more than that the daemon lives`()
    async throws
  {
    try await ServedStatus.run(token: "s3cret") { status in
      let url = await status.address()
      await status.tick()
      for path in ["healthz", "readyz", ""] { #expect(try await get(url + path).status == 200) }
      for path in ["api/v1/status", "api/v1/history", "api/v1/events", "metrics"] {
        let refused = try await get(url + path)
        #expect(refused.status == 401, "\(path)")
        #expect(refused.headers.first(name: "www-authenticate") == "Bearer")
        #expect(!refused.body.contains("s3cret"))
      }
      for wrong in ["Bearer s3cre", "Bearer s3crett", "Bearer ", "Basic s3cret", "s3cret"] {
        let answer = try await get(url + "metrics", headers: [("authorization", wrong)])
        #expect(answer.status == 401, "\(wrong)")
      }
      let answer = try await get(url + "metrics", headers: [("authorization", "bearer s3cret")])
      #expect(answer.status == 200)
      let client = try StatusClient(url: String(url.dropLast()), token: StatusToken("s3cret"))
      #expect(try await client.status().tick == 1)
      let stranger = try StatusClient(url: String(url.dropLast()), token: nil)
      await #expect(throws: StatusClient.Refused.self) { try await stranger.status() }
    }
  }

  @Test func `who follows is told of every tick`() async throws {
    try await ServedStatus.run { status in
      let url = await status.address()
      let response = try await HTTPClient.shared.execute(
        HTTPClientRequest(url: url + "api/v1/events"), timeout: .seconds(20))
      #expect(response.headers.first(name: "content-type") == "text/event-stream")
      var text = ""
      for try await part in response.body {
        text += String(buffer: part)
        if text.hasSuffix("retry: 2000\n\n") { await status.tick() }
        if text.contains("data: ") { break }
      }
      #expect(text.hasSuffix("event: tick\ndata: {\"tick\":1}\n\n"))
    }
  }

  @Test func `only so many follow at once`() async throws {
    try await ServedStatus.run { status in
      let url = await status.address()
      var configuration = HTTPClient.Configuration.singletonConfiguration
      configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 32
      let client = HTTPClient(configuration: configuration)
      let followers = try await withThrowingTaskGroup(of: HTTPClientResponse.self) { group in
        for _ in 0..<StatusRoutes.mostFollowers {
          group.addTask {
            try await client.execute(
              HTTPClientRequest(url: url + "api/v1/events"), timeout: .seconds(20))
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(followers.allSatisfy { $0.status == .ok })
      #expect(try await get(url + "api/v1/events").status == 503)
      #expect(try await get(url + "api/v1/status").status == 200)
      // Those that go make room at once, though no tick and no sign of life tells them apart.
      let left = ContinuousClock.now
      try await client.shutdown()
      try await eventually("nobody follows") { status.board.followers == 0 }
      #expect(ContinuousClock.now - left < StatusRoutes.keepAlive / 2)
    }
  }

  @Test func `the address changes with the configuration`() async throws {
    let socket = FileManager.default.temporaryDirectory.path + "ek-\(UUID().uuidString.prefix(8))"
    try await ServedStatus.run { status in
      let url = await status.address()
      await status.tick()
      status.board.take(try ServedStatus.configuration(at: "unix:\(socket)"), token: nil)
      #expect(await status.address() == "unix:\(socket)")
      let client = try StatusClient(.unix(path: socket), token: nil)
      #expect(try await client.status().tick == 1)
      let mode = try FileManager.default.attributesOfItem(atPath: socket)[.posixPermissions]
      #expect(mode as? Int ?? (mode as? UInt).map { Int($0) } == 0o660)
      let former = try StatusClient(url: String(url.dropLast()), token: nil)
      await #expect(throws: StatusClient.NoAnswer.self) { try await former.status() }
      // A reload that leaves the address alone leaves its connections alone.
      status.board.take(try ServedStatus.configuration(at: "unix:\(socket)"), token: nil)
      #expect(try await client.status().tick == 1)
      status.board.take(try ServedStatus.configuration(at: "127.0.0.1:0"), token: nil)
      #expect(try await get(await status.address() + "healthz").status == 200)
    }
    try? FileManager.default.removeItem(atPath: socket)
  }

  @Test func `an address that is taken is said once, and tried again until it is free`()
    async throws
  {
    // At an address that no other test's connections come from: one of them could be given the port
    // as soon as it is free.
    let other = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.2", port: 0).get()
    let port = try #require(other.localAddress?.port)
    let clock = ManualClock()
    try await ServedStatus.run(at: "127.0.0.2:\(port)", clock: clock) { status in
      await status.log.wait(
        for: "cannot show the status at 127.0.0.2:\(port): Address already in use; weights")
      for _ in 0..<3 {
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(10))
      }
      await clock.waitForSleepers(1)
      try await other.close()
      clock.advance(by: .seconds(10))
      #expect(try await get(await status.address() + "healthz").status == 200)
      #expect(status.log.all.count { $0.contains("cannot show") } == 1)
    }
  }

  @Test func `clients that never finish their request, or never read, do not hold up the end`()
    async throws
  {
    try await ServedStatus.run { status in
      let url = await status.address()
      await status.tick()
      let port = try #require(Int(url.split(separator: ":").last?.dropLast() ?? ""))
      let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        // What is not read fills the kernel's buffers, and then the server's.
        .channelOption(.autoRead, value: false)
      for request in [
        "GET /api/v1/st", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ",
        "GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        String(repeating: "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", count: 500),
      ] {
        let channel = try await bootstrap.connect(host: "127.0.0.1", port: port).get()
        try await channel.writeAndFlush(ByteBuffer(string: request)).get()
      }
      #expect(try await get(url + "healthz").status == 200)
    }
  }

  @Test func `a request that is too large, or none at all, is refused`() async throws {
    try await ServedStatus.run { status in
      let url = await status.address()
      let huge = String(repeating: "x", count: 100_000)
      let answer = try? await get(url + "healthz", headers: [("x", huge)])
      #expect(answer.map { $0.status >= 400 } ?? true)
      let port = try #require(Int(url.split(separator: ":").last?.dropLast() ?? ""))
      for garbage in ["\u{0}\u{1}\u{2}\r\n\r\n", "GET\r\n\r\n", "\r\n", "HTTP/1.1 200 OK\r\n\r\n"] {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
          .connect(host: "127.0.0.1", port: port).get()
        try await channel.writeAndFlush(ByteBuffer(string: garbage)).get()
        // The server may have been quicker.
        try? await channel.close()
      }
      #expect(try await get(url + "healthz").status == 200)
    }
  }
}
