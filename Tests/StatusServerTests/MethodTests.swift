import AsyncHTTPClient
import EvenkeelDaemon
import NIOCore
import NIOHTTP1
import NIOPosix
import TestSupport
import Testing

@testable import StatusServer

/// What monitors and load balancers send that is no GET.
@Suite(.timeLimit(.minutes(2))) struct MethodTests {
  private static let questions = [
    "", "healthz", "readyz", "metrics", "api/v1/status", "api/v1/history", "api/v1/events",
    "api/v1/explain", "api/v1/explain?backend=shop&server=a", "nowhere", "healthz/",
  ]

  /// What is of the moment, not of the method.
  private static let volatile: Set<String> = ["date", "content-security-policy"]

  private static func headers(_ answer: Answer) -> [String] {
    answer.headers.filter { !volatile.contains($0.name.lowercased()) }
      .map { "\($0.name.lowercased()): \($0.value)" }.sorted()
  }

  /// The head of a GET's answer alone: an event stream has no end.
  private static func look(_ url: String) async throws -> Answer {
    let response = try await HTTPClient.shared.execute(
      HTTPClientRequest(url: url), timeout: .seconds(20))
    return Answer(status: Int(response.status.code), headers: response.headers, body: "")
  }

  @Test(arguments: [nil, "s3cret"]) func `a HEAD is answered as a GET is, without its body`(
    token: String?
  ) async throws {
    try await ServedStatus.run(token: token) { status in
      let url = await status.address()
      await status.tick()
      for path in Self.questions {
        let (head, got) = try await (get(url + path, method: .HEAD), Self.look(url + path))
        #expect(head.status == got.status, "\(path)")
        #expect(head.body.isEmpty, "\(path)")
        // A request's figures may have another length than those of the one before.
        let (ours, theirs) = (Self.headers(head), Self.headers(got))
        // What has no end has no length.
        if path == "api/v1/events", token == nil {
          #expect(ours.contains("content-type: text/event-stream"))
        } else if path != "metrics" {
          #expect(ours == theirs, "\(path)")
        }
      }
      #expect(try await get(url + "healthz", method: .HEAD).status == 200)
      status.progress.promise(within: .zero)
      #expect(try await get(url + "healthz", method: .HEAD).status == 503)
    }
  }

  @Test func `the HEAD of the event stream takes no follower's place`() async throws {
    try await ServedStatus.run { status in
      let url = await status.address()
      for _ in 0..<3 * StatusRoutes.mostFollowers {
        let answer = try await get(url + "api/v1/events", method: .HEAD)
        #expect(answer.status == 200)
      }
    }
  }

  @Test(arguments: [nil, "s3cret"])
  func `OPTIONS says what there is, and the rest is refused by it`(
    token: String?
  ) async throws {
    try await ServedStatus.run(token: token) { status in
      let url = await status.address()
      for path in StatusPath.allCases.map({ $0.rawValue.dropFirst() }) {
        let options = try await get(url + path, method: .OPTIONS)
        #expect(options.status == 204 && options.body.isEmpty, "\(path)")
        #expect(options.headers.first(name: "allow") == "GET, HEAD, OPTIONS")
        for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"] {
          let refused = try await get(url + path, method: .RAW(value: method))
          #expect(refused.status == 405, "\(method) \(path)")
          #expect(refused.headers.first(name: "allow") == "GET, HEAD, OPTIONS")
        }
      }
      for method in [HTTPMethod.OPTIONS, .POST, .HEAD, .GET] {
        #expect(try await get(url + "nowhere", method: method).status == 404)
      }
    }
  }

  @Test(arguments: [
    // `option httpchk` without more, `option httpchk GET /healthz`, `http-check send … ver`.
    ("OPTIONS / HTTP/1.0\r\n\r\n", "204"),
    ("OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "204"),
    ("GET /healthz HTTP/1.0\r\n\r\n", "200"),
    ("HEAD /healthz HTTP/1.0\r\n\r\n", "200"),
    ("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", "200"),
    ("HEAD /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", "200"),
    ("HEAD /nowhere HTTP/1.0\r\n\r\n", "404"),
    ("POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi", "405"),
  ])
  func `a check as it is on the wire is answered, and no more than that`(
    request: String, status: String
  ) async throws {
    try await ServedStatus.run { served in
      let url = await served.address()
      let port = try #require(Int(url.split(separator: ":").last?.dropLast() ?? ""))
      let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(host: "127.0.0.1", port: port) { channel in
          channel.eventLoop.makeCompletedFuture {
            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
          }
        }
      try await channel.executeThenClose { inbound, outbound in
        try await outbound.write(ByteBuffer(string: request))
        var text = ""
        for try await part in inbound {
          text += String(buffer: part)
          if text.contains("\r\n\r\n") { break }
        }
        #expect(text.split(separator: " ").dropFirst().first ?? "" == status, "\(text)")
        if request.hasPrefix("HEAD") || status == "204" { #expect(text.hasSuffix("\r\n\r\n")) }
        if status == "204" || status == "405" {
          #expect(text.lowercased().contains("allow: get, head, options"))
        }
      }
    }
  }
}
