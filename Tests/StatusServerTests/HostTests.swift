import EvenkeelDaemon
import NIOHTTP1
import Testing

@testable import StatusServer

/// By which names the status may be asked for.
@Suite(.timeLimit(.minutes(2))) struct HostTests {
  private static let everything = [
    "", "metrics", "api/v1/status", "api/v1/history", "api/v1/events",
    "api/v1/explain?backend=shop&server=a",
  ]

  @Test func `a page whose name was pointed here learns nothing`() async throws {
    try await ServedStatus.run { status in
      let url = await status.address()
      await status.tick()
      for path in Self.everything {
        for host in ["evil.example", "evil.example:9797", "127.0.0.1.evil.example", "localhost.x"] {
          let refused = try await get(url + path, headers: [("host", host)])
          #expect(refused.status == 421, "\(path) as \(host)")
          #expect(!refused.body.contains("shop"))
          #expect(refused.body.contains("status.hosts"), "\(refused.body)")
        }
      }
    }
  }

  @Test(arguments: [
    "localhost", "LocalHost:9797", "app.localhost", "127.0.0.1", "127.0.0.1:1", "[::1]:9797",
    "192.168.1.5:9797", "localhost.", "status.example", "Status.Example:443",
  ])
  func `this machine is asked by its addresses, its own names and those that are configured`(
    host: String
  ) async throws {
    try await ServedStatus.run(more: #", "hosts": ["status.example"]"#) { status in
      let url = await status.address()
      await status.tick()
      let answer = try await get(url + "api/v1/status", headers: [("host", host)])
      #expect(answer.status == 200)
    }
  }

  @Test func `a person who asks by another name is told what to do`() async throws {
    try await ServedStatus.run { status in
      let url = await status.address()
      await status.tick()
      // An old way to write 127.0.0.1, which leads here as a name does.
      let other = url.replacing("127.0.0.1", with: "127.1").dropLast()
      let client = try StatusClient(url: String(other), token: nil)
      let refusal = await #expect(throws: StatusClient.Refused.self) { try await client.status() }
      #expect(refusal?.description.contains("status.hosts") == true)
    }
  }

  @Test func `a check of its own name is not told that the daemon is dead`() async throws {
    try await ServedStatus.run { status in
      let url = await status.address()
      await status.tick()
      for path in ["healthz", "readyz"] {
        let answer = try await get(url + path, headers: [("host", "lb.example")])
        #expect(answer.status == 200)
      }
    }
  }

  @Test func `a name that cannot be shown is not sent back`() async throws {
    try await ServedStatus.run { status in
      let url = await status.address()
      let name = "<script>\u{e9}" + String(repeating: "x", count: 5_000)
      let refused = try await get(url + "metrics", headers: [("host", name)])
      #expect(refused.status == 421 || refused.status == 400)
      #expect(refused.body.utf8.count < 400 && refused.body.utf8.allSatisfy { $0 < 0x7f })
      #expect(
        refused.headers.first(name: "content-type").map { $0.hasPrefix("text/plain") } ?? true)
    }
  }

  @Test func `a refusal is text for people and JSON for programs`() async throws {
    try await ServedStatus.run(token: "s3cret") { status in
      let url = await status.address()
      let metrics = try await get(url + "metrics")
      #expect(metrics.status == 401)
      #expect(metrics.headers.first(name: "content-type") == "text/plain; charset=utf-8")
      #expect(metrics.body == "a token is wanted: Authorization: Bearer …\n")
      let api = try await get(url + "api/v1/status")
      #expect(api.headers.first(name: "content-type") == "application/json; charset=utf-8")
      #expect(api.body.hasPrefix("{\"error\":"))
      let nowhere = try await get(url + "nowhere")
      #expect(nowhere.status == 404 && nowhere.body.hasSuffix("\n"))
      #expect(try await get(url + "api/nowhere").body.hasPrefix("{\"error\":"))
    }
  }
}
