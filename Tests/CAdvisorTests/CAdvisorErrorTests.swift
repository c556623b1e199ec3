import AsyncHTTPClient
import CAdvisor
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

/// Everything that a server, a proxy or a network can do instead of answering.
@Suite(.timeLimit(.minutes(1)))
struct CAdvisorErrorTests {
  struct Case: CustomTestStringConvertible {
    var name: String
    var behaviour: Behaviour
    var kind: CAdvisorError.Kind
    /// What the sentence must tell besides.
    var words: [String]
    var testDescription: String { name }
  }

  private static let html = "<html>\r\n<title>502 Bad Gateway</title>\u{7}</html>"

  static let cases: [Case] = [
    Case(
      name: "cAdvisor's own refusal",
      behaviour: .text(500, "failed to get container \"/nosuch\" with error: unknown container\n"),
      kind: .status(500),
      words: ["status 500", "(failed to get container \"/nosuch\" with error: unknown container)"]),
    Case(
      name: "a wrong prefix", behaviour: .text(404, "404 page not found\n"), kind: .status(404),
      words: ["(404 page not found)", "check the path in the URL"]),
    Case(
      name: "a request without its type",
      behaviour: .text(400, "Supported request types: \"containers,docker\"\n"),
      kind: .status(400), words: ["(Supported request types: \"containers,docker\")"]),
    Case(
      name: "a proxy whose cAdvisor is down", behaviour: .text(502, html), kind: .status(502),
      words: ["(<html>  <title>502 Bad Gateway</title> </html>)", "the cAdvisor behind it"]),
    Case(
      name: "a body that is too long for a log",
      behaviour: .text(500, String(repeating: "x", count: 100_000)), kind: .status(500),
      words: ["(" + String(repeating: "x", count: 200) + "…)"]),
    Case(
      name: "an error whose body is cut",
      behaviour: .raw("HTTP/1.1 500 E\r\nContent-Length: 99\r\n\r\nbegun", closes: true),
      kind: .status(500), words: ["(begun)"]),
    Case(
      name: "an error whose body never ends", behaviour: .endless(status: 500),
      kind: .status(500), words: ["status 500"]),
    Case(
      name: "no credentials", behaviour: .text(401, "who are you?"), kind: .unauthorized,
      words: ["status 401: who are you?", "set username and password_file"]),
    Case(
      name: "wrong credentials, or a rule", behaviour: .text(403, ""), kind: .forbidden,
      words: ["status 403", "set username and password_file", "allow GET and POST"]),
    Case(
      name: "a redirect",
      behaviour: .text(301, "moved", headers: ["Location": "/cadvisor/api/v1.3/machine"]),
      kind: .redirect, words: ["status 301 to /cadvisor/api/v1.3/machine", "not followed"]),
    Case(
      name: "a redirect to nowhere", behaviour: .text(302, ""), kind: .redirect,
      words: ["status 302 to nowhere"]),
    Case(
      name: "a good status with a page in it", behaviour: .text(200, html), kind: .malformed,
      words: ["no JSON: <html>  <title>502 Bad Gateway</title> </html>"]),
    Case(
      name: "JSON of something else", behaviour: .json(#"{"status":"ok"}"#), kind: .malformed,
      words: ["num_cores: is missing"]),
    Case(
      name: "a reply that was compressed unasked",
      behaviour: .json("\u{1f}", headers: ["Content-Encoding": "gzip"]), kind: .malformed,
      words: ["Content-Encoding gzip"]),
    Case(
      name: "no HTTP at all", behaviour: .raw("220 mail.example ESMTP\r\n", closes: false),
      kind: .malformed, words: ["not HTTP"]),
    Case(
      name: "a head without end",
      behaviour: .raw(
        "HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 1 << 20), closes: false),
      kind: .malformed, words: ["not HTTP"]),
    Case(
      name: "a body that is cut",
      behaviour: .raw(
        "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"num_cores\":2}", closes: true),
      kind: .cutShort, words: ["ended before it was whole"]),
    Case(
      name: "chunks that are cut",
      behaviour: .raw(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nf\r\n{\"num_cores\":2}\r\n",
        closes: true), kind: .cutShort, words: ["ended before it was whole"]),
    Case(
      name: "a head that is cut", behaviour: .raw("HTTP/1.1 200 OK\r\nContent-", closes: true),
      kind: .unreachable, words: ["connection closed without an answer"]),
    Case(
      name: "a connection closed without a word", behaviour: .hangUp, kind: .unreachable,
      words: ["connection closed without an answer"]),
    Case(
      name: "a body without end", behaviour: .endless(status: 200), kind: .tooLarge,
      words: ["more than 65536 bytes"]),
    Case(
      name: "a body that is too long, and says so",
      behaviour: .raw("HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n", closes: false),
      kind: .tooLarge, words: ["65537 bytes, more than 65536", "raise reply_limit"]),
  ]

  @Test(arguments: cases)
  func `each failure has its kind and its sentence`(_ case: Case) async throws {
    let behaviour = `case`.behaviour
    try await withClient(of: { _ in behaviour }, replyLimit: 65_536) { client, server in
      let error = try await #require(throws: CAdvisorError.self) { try await client.machine() }
      #expect(error.kind == `case`.kind, "\(error)")
      let sentence = error.description
      #expect(sentence.hasPrefix("http://127.0.0.1:\(server.port): "), "\(sentence)")
      #expect(sentence.hasSuffix("[GET /api/v1.3/machine]"), "\(sentence)")
      for words in `case`.words { #expect(sentence.contains(words), "\(sentence)") }
      #expect(sentence.utf8.count < 700)
      #expect(sentence.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
    }
  }

  @Test func `a server that hangs up is asked once more than connections may die`() async throws {
    try await withClient(of: { _ in .hangUp }) { client, server in
      await #expect(throws: CAdvisorError.self) { try await client.specs() }
      #expect(server.log.requests.count == 5)
    }
  }

  @Test func `a body that was cut is not asked for again`() async throws {
    try await withClient(
      of: { _ in .raw("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", closes: true) }
    ) { client, server in
      await #expect(throws: CAdvisorError.self) { try await client.specs() }
      #expect(server.log.requests.count == 1)
    }
  }

  @Test func `a silent server times out by the client's own setting`() async throws {
    var configuration = try CAdvisorHTTP.configuration()
    configuration.timeout.read = .milliseconds(50)
    try await withClient(of: { _ in .silence }, configuration: configuration) { client, _ in
      let error = try await #require(throws: CAdvisorError.self) { try await client.machine() }
      #expect(error.kind == .timedOut)
      #expect(error.description.contains("no answer in time"))
    }
  }

  @Test(arguments: ["127.0.0.1", "localhost"])
  func `a port without a listener refuses the connection at once`(_ host: String) async throws {
    let vacant = try await vacantPort()
    let error = try await unanswered("http://\(host):\(vacant)")
    #expect(error.kind == .connectionRefused)
    #expect(
      error.description == """
        http://\(host):\(vacant): connection refused; is cAdvisor running there, \
        and is the port right? [GET /api/v1.3/machine]
        """)
  }

  @Test func `a name without address says so`() async throws {
    // RFC 6761: the top-level domain "invalid" never resolves.
    let error = try await unanswered("http://nosuch.invalid:8080")
    #expect(error.kind == .nameNotResolved)
    #expect(error.description.contains("the name nosuch.invalid is not resolved"))
  }

  private func unanswered(_ url: String) async throws -> CAdvisorError {
    var configuration = try CAdvisorHTTP.configuration()
    // A client that tried again until this is over would run into the suite's limit.
    configuration.timeout.connect = .minutes(10)
    let http = HTTPClient(
      eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    let client = CAdvisorClient(endpoint: try CAdvisorEndpoint(url: url), http: http)
    do {
      let error = try await #require(throws: CAdvisorError.self) { try await client.machine() }
      try await http.shutdown()
      return error
    } catch {
      try await http.shutdown()
      throw error
    }
  }

  /// A port that was free a moment ago.
  private func vacantPort() async throws -> Int {
    let server = try await ScriptedServer.start { _ in .silence }
    let port = server.port
    try await server.stop()
    return port
  }
}
