import CAdvisor
import NIOCore
import NIOHTTP1
import Testing

/// What goes over the wire when all is well.
@Suite(.timeLimit(.minutes(1)))
struct CAdvisorClientTests {
  @Test func `each question is one request`() async throws {
    let script = try RoutedScript.captured()
    try await withClient(of: script.behaviour) { client, server in
      let containers = try await client.containers(maxAge: .seconds(1)).containers
      let host = try await client.host(maxAge: .milliseconds(1500))
      let specs = try await client.specs()
      let machine = try await client.machine()
      #expect(containers.count == 5 && specs.count == 5)
      #expect(host.sample != nil)
      #expect(machine.cores == 2)
      let requests = server.log.requests
      #expect(
        requests.map { "\($0.method.rawValue) \($0.uri) \($0.body)" } == [
          "GET /api/v2.1/stats?type=docker&recursive=true&count=1&max_age=1000ms ",
          "GET /api/v2.1/machinestats?count=1&max_age=1500ms ",
          #"POST /api/v1.3/docker/ {"num_stats":0}"#,
          "GET /api/v1.3/machine ",
        ])
      #expect(requests.allSatisfy { !$0.headers.contains(name: "authorization") })
      #expect(requests.allSatisfy { !$0.headers.contains(name: "accept-encoding") })
    }
  }

  @Test(arguments: [
    (Duration.zero, "0ms"), (.seconds(-5), "0ms"), (.microseconds(900), "0ms"),
    (.milliseconds(250), "250ms"), (.seconds(90), "90000ms"),
    (.seconds(Int64.max), "3600000ms"),
  ])
  func `an age is written as Go reads it`(_ age: Duration, _ text: String) async throws {
    try await withClient(of: { _ in .json("[]") }) { client, server in
      _ = try await client.host(maxAge: age)
      #expect(server.log.requests.first?.uri.hasSuffix("max_age=\(text)") == true)
    }
  }

  @Test func `questions in turn share one connection`() async throws {
    let script = try RoutedScript.captured()
    try await withClient(of: script.behaviour) { client, server in
      for _ in 0..<5 { _ = try await client.containers(maxAge: .seconds(1)) }
      #expect(server.log.requests.count == 5)
      #expect(server.log.connections == 1)
    }
  }

  @Test func `an error's body is read to its end, so the connection serves on`() async throws {
    try await withClient(of: { _ in .text(500, "unknown container \"/nosuch\"\n") }) {
      client, server in
      for _ in 0..<3 {
        await #expect(throws: CAdvisorError.self) { try await client.machine() }
      }
      #expect(server.log.connections == 1)
    }
  }

  @Test(arguments: ["", "/", "//"])
  func `a prefix is kept and a POST arrives whole, with or without a slash`(_ slashes: String)
    async throws
  {
    let script = try RoutedScript.captured()
    script.set("POST /cad/api/v1.3/docker/", .json(try CapturedReply.body("v1.3-docker-num0.json")))
    try await withClient(
      of: script.behaviour, url: { "http://127.0.0.1:\($0)/cad\(slashes)" }
    ) { client, server in
      let specs = try await client.specs()
      #expect(specs.count == 5)
      #expect(server.log.requests.map(\.body) == [#"{"num_stats":0}"#])
    }
  }

  @Test func `a large reply in chunks arrives whole`() async throws {
    let reply = largeReply(containers: 50, samples: 60)
    #expect(reply.readableBytes > 1 << 20)
    try await withClient(of: { _ in .chunked(reply) }) { client, _ in
      let containers = try await client.containers(maxAge: .seconds(1)).containers
      #expect(containers.count == 50)
      #expect(containers.allSatisfy { $0.samples.count == 60 })
    }
  }

  private func largeReply(containers: Int, samples: Int) -> ByteBuffer {
    let padding = String(repeating: "0,", count: 200) + "0"
    let stats = (100..<(100 + samples)).map {
      """
      {"timestamp":"2026-11-24T21:03:15.\($0)Z",
      "cpu":{"usage":{"total":\($0),"per_cpu_usage":[\(padding)]}}}
      """
    }.joined(separator: ",")
    let all = (0..<containers).map { #""/docker/\#($0)":{"stats":[\#(stats)]}"# }
    return ByteBuffer(string: "{\(all.joined(separator: ","))}")
  }

  @Test func `the Date header tells when it was answered`() async throws {
    let date = ["Date": "Tue, 24 Nov 2026 21:03:15 GMT"]
    try await withClient(of: { _ in .json("{}", headers: date) }) { client, _ in
      let reply = try await client.containers(maxAge: .seconds(1))
      #expect(reply.answeredAtNanoseconds == 1_795_554_195_000_000_000)
    }
    try await withClient(of: { _ in .json("{}", headers: ["Date": "today"]) }) { client, _ in
      let reply = try await client.containers(maxAge: .seconds(1))
      #expect(reply.answeredAtNanoseconds == nil)
    }
  }

  @Test func `credentials are sent as basic authentication`() async throws {
    let credentials = CAdvisorCredentials.basic(
      username: "Aladdin", password: .init("open sesame"))
    try await withClient(of: { _ in .json("[]") }, credentials: credentials) { client, server in
      _ = try await client.host(maxAge: .seconds(1))
      #expect(
        server.log.requests.map { $0.headers["authorization"] } == [
          ["Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="]
        ])
    }
  }

  @Test func `a token is sent as a bearer's`() async throws {
    try await withClient(
      of: { _ in .json("[]") }, credentials: .bearer(token: .init("abc.def~"))
    ) { client, server in
      _ = try await client.host(maxAge: .seconds(1))
      #expect(server.log.requests.map { $0.headers["authorization"] } == [["Bearer abc.def~"]])
    }
  }

  @Test func `a cAdvisor without version 2 is asked in version 1`() async throws {
    let script = RoutedScript([
      RoutedScript.containers: .text(500, "unsupported API version \"v2.1\"\n"),
      RoutedScript.host: .text(500, "unsupported API version \"v2.1\"\n"),
      RoutedScript.specs: .json(try CapturedReply.body("v1.3-docker-num1.json")),
      "POST /api/v1.3/containers/": .json(
        try CapturedReply.body("v1.3-containers-root-num2.json")),
    ])
    try await withClient(of: script.behaviour) { client, server in
      let containers = try await client.containers(maxAge: .seconds(1)).containers
      let host = try await client.host(maxAge: .seconds(1))
      #expect(containers.count == 5)
      #expect(host.sample?.cpuTotalNanoseconds == 3_800_102_342_308)
      #expect(
        server.log.requests.map(\.body) == [
          "", #"{"num_stats":1}"#, "", #"{"num_stats":1}"#,
        ])
    }
  }

  @Test func `any other failure of version 2 is not hidden by version 1`() async throws {
    let script = try RoutedScript.captured()
    script.set(RoutedScript.containers, .text(500, "unknown 'type' \"docker\"\n"))
    try await withClient(of: script.behaviour) { client, server in
      let error = try await #require(throws: CAdvisorError.self) {
        try await client.containers(maxAge: .seconds(1))
      }
      #expect(error.kind == .status(500))
      #expect(server.log.requests.count == 1)
    }
  }

  @Test func `pooled connections that all die at once are replaced, unseen`() async throws {
    let machine = try CapturedReply.body("v1.3-machine.json")
    try await withClient(
      of: { $0.indexOnConnection == 0 ? .json(machine) : .hangUp }
    ) { client, _ in
      await withTaskGroup(of: Int?.self) { group in
        for _ in 0..<3 { group.addTask { try? await client.machine().cores } }
        for await cores in group { #expect(cores == 2) }
      }
      let after = try await client.machine()
      #expect(after.cores == 2)
    }
  }

  @Test func `a pooled connection that dies is replaced, unseen`() async throws {
    let machine = try CapturedReply.body("v1.3-machine.json")
    try await withClient(
      of: { $0.indexOnConnection == 0 ? .json(machine) : .hangUp }
    ) { client, server in
      let machines = [try await client.machine(), try await client.machine()]
      #expect(machines.map(\.cores) == [2, 2])
      #expect(server.log.requests.map(\.connection) == [0, 0, 1])
    }
  }
}
