import HAProxy
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// What the client makes of things that a real HAProxy does only at an unlucky moment.
@Suite struct ScriptedTests {
  private static func client(_ socket: ScriptedHAProxy, replyLimit: Int = 1 << 20) -> RuntimeClient
  {
    RuntimeClient(
      address: .unix(path: socket.path), group: MultiThreadedEventLoopGroup.singleton,
      replyLimit: replyLimit)
  }

  private static func captured(_ name: String, _ version: String = "2.6.12") throws -> String {
    String(decoding: try CapturedReply.bytes(name, version: version), as: UTF8.self)
  }

  private static let plain = "set severity-output none"

  private static func weights(_ count: Int) -> [WeightAssignment] {
    (1...count).map { WeightAssignment(backend: "web", server: "s\($0)", weight: $0 % 256) }
  }

  @Test(arguments: CapturedReply.versions)
  func `every version is read with the same commands`(version: String) async throws {
    let script = ScriptedHAProxy.answering([
      "show info": try Self.captured("info", version),
      "show stat web 6 -1": try Self.captured("stat-web", version),
      "show servers state web": try Self.captured("state-web", version),
      "show backend": try Self.captured("backends", version),
    ])
    try await ScriptedHAProxy.run(script) { socket in
      let reading = try await Self.client(socket).read(backends: ["web"])
      #expect(reading.process.version.hasPrefix(version))
      #expect(reading.backends["web"]?.servers.count == 6)
      #expect(
        socket.lines == [
          "prompt", "set severity-output none", "show info", "show stat web 6 -1",
          "show servers state web",
        ])
      #expect(try await Self.client(socket).listBackends() == ["web", "fixed"])
    }
  }

  @Test func `a process that is stopping is told and gets no weights`() async throws {
    let info = try Self.captured("info").replacing("Stopping: 0", with: "Stopping: 1")
    try await ScriptedHAProxy.run(ScriptedHAProxy.answering(["show info": info])) { socket in
      #expect(try await Self.client(socket).read(backends: []).process.isStopping)
      let results = try await Self.client(socket).setWeights(Self.weights(2), ifProcess: nil)
      #expect(results == [.processChanged, .processChanged])
      #expect(!socket.lines.contains { $0.hasPrefix("set weight") })
    }
  }

  @Test func `a reload between two weights ends the writing`() async throws {
    let info = try Self.captured("info")
    let stopping = info.replacing("Stopping: 0", with: "Stopping: 1")
    let isReloaded = Atomic(false)
    try await ScriptedHAProxy.run({ line, _ in
      switch line {
      case "prompt", Self.plain, "set weight web/s1 1", "set weight web/s2 2":
        return .say("\n> ")
      case "show info":
        return .say((isReloaded.load(ordering: .relaxed) ? stopping : info) + "\n> ")
      default:
        isReloaded.store(true, ordering: .relaxed)
        return .say("Proxy is disabled.\n\n> ")
      }
    }) { socket in
      let results = try await Self.client(socket).setWeights(Self.weights(150), ifProcess: nil)
      #expect(results.prefix(2) == [.written, .written])
      #expect(results.dropFirst(2) == ArraySlice(repeating: .processChanged, count: 148))
      #expect(socket.lines.filter { $0.hasPrefix("set weight") }.count == 100)
    }
  }

  @Test func `weights beyond a hundred are all sent and paired`() async throws {
    var replies = ["show info": try Self.captured("info")]
    for weight in Self.weights(250) {
      replies["set weight web/\(weight.server) \(weight.weight)"] = ""
    }
    try await ScriptedHAProxy.run(ScriptedHAProxy.answering(replies)) { socket in
      let results = try await Self.client(socket).setWeights(Self.weights(250), ifProcess: nil)
      #expect(results == Array(repeating: .written, count: 250))
    }
  }

  @Test func `several processes with one configuration are refused`() async throws {
    let info = try Self.captured("info", "2.0.0").replacing("Nbproc: 1", with: "Nbproc: 4")
    try await ScriptedHAProxy.run(ScriptedHAProxy.answering(["show info": info])) { socket in
      let reading = try await failure { try await Self.client(socket).read(backends: []) }
      #expect(reading.kind == .multipleProcesses)
      #expect(reading.description.contains("nbproc"))
      let writing = try await failure {
        try await Self.client(socket).setWeights(Self.weights(1), ifProcess: nil)
      }
      #expect(writing.kind == .multipleProcesses)
      #expect(!socket.lines.contains { $0.hasPrefix("set weight") })
    }
  }

  @Test func `a connection that ends before its first byte is tried once more`() async throws {
    let info = try Self.captured("info")
    try await ScriptedHAProxy.run({ line, connection in
      if connection == 0 { return .sayAndClose("") }
      return .say(line == "show info" ? info + "\n> " : "\n> ")
    }) { socket in
      let process = try await Self.client(socket).read(backends: []).process
      #expect(process.node == "lab1")
      #expect(socket.lines == ["prompt", "prompt", Self.plain, "show info"])
    }
  }

  @Test func `a connection that always ends before its first byte is tried twice`() async throws {
    try await ScriptedHAProxy.run({ _, _ in .sayAndClose("") }) { socket in
      let error = try await failure { try await Self.client(socket).read(backends: []) }
      #expect(error.kind == .endedEarly)
      #expect(socket.lines == ["prompt", "prompt"])
    }
  }

  @Test(arguments: ["\n", "\n>"])
  func `a connection that ends within the greeting is not tried again`(
    greeting: String
  ) async throws {
    try await ScriptedHAProxy.run({ _, _ in .sayAndClose(greeting) }) { socket in
      let error = try await failure { try await Self.client(socket).read(backends: []) }
      #expect(error.kind == .endedEarly)
      #expect(socket.lines == ["prompt"])
    }
  }

  @Test(arguments: ["", "Name: HAProxy\n", "complete"])
  func `a reply that ends early is an error, even if it could be read`(part: String) async throws {
    let text = part == "complete" ? try Self.captured("info") : part
    try await ScriptedHAProxy.run({ line, _ in
      line == "show info" ? .sayAndClose(text) : .say("\n> ")
    }) { socket in
      let error = try await failure { try await Self.client(socket).read(backends: []) }
      #expect(error.kind == .endedEarly)
      #expect(error.command == "show info")
      #expect(socket.lines == ["prompt", Self.plain, "show info"])
    }
  }

  @Test func `an error names the command whose reply was missing`() async throws {
    let info = try Self.captured("info")
    try await ScriptedHAProxy.run({ line, _ in
      switch line {
      case "prompt", Self.plain: .say("\n> ")
      case "show info": .say(info + "\n> ")
      default: .sayAndClose("# pxname,")
      }
    }) { socket in
      let error = try await failure { try await Self.client(socket).read(backends: ["web"]) }
      #expect(error.command == "show stat web 6 -1")
      #expect(error.kind == .endedEarly)
    }
  }

  @Test func `a reply longer than the limit is an error`() async throws {
    try await ScriptedHAProxy.run(
      ScriptedHAProxy.answering(["show info": String(repeating: "x", count: 10_000)])
    ) { socket in
      let error = try await failure {
        try await Self.client(socket, replyLimit: 5_000).read(backends: [])
      }
      #expect(error.kind == .replyTooLong)
      #expect(error.description.contains("5000"))
    }
  }

  @Test(arguments: [
    ("HTTP/1.1 400 Bad Request\r\n", RuntimeError.Kind.malformed),
    ("\n> > ", .malformed), ("\n> \n> ", .malformed), ("master> ", .masterSocket),
  ])
  func `only HAProxy's own greeting is accepted`(
    greeting: String, kind: RuntimeError.Kind
  ) async throws {
    try await ScriptedHAProxy.run({ _, _ in .say(greeting) }) { socket in
      let error = try await failure { try await Self.client(socket).read(backends: []) }
      #expect(error.kind == kind)
      #expect(socket.lines == ["prompt"])
    }
  }

  @Test func `more replies than commands are an error and not paired`() async throws {
    try await ScriptedHAProxy.run({ line, _ in
      line == "show cli level" ? .say("admin\n\n> admin\n\n> ") : .say("\n> ")
    }) { socket in
      let error = try await failure { try await Self.client(socket).accessLevel() }
      #expect(error.kind == .malformed)
    }
  }

  /// The newest version answers several commands on a line with one marker.
  @Test func `a marker too few is waited for and no reply is paired with it`() async throws {
    let replies = try Self.captured("prompt-semicolons", "3.5-dev5").dropFirst(3)
    try await ScriptedHAProxy.run({ line, _ in
      switch line {
      case "prompt", Self.plain: .say("\n> ")
      case "show info": .say(String(replies))
      default: .silence
      }
    }) { socket in
      let client = Self.client(socket)
      let error = try await failure {
        try await cancelling(after: .milliseconds(200)) { try await client.read(backends: ["web"]) }
      }
      #expect(error.kind == .cancelled)
    }
  }

  @Test(arguments: ["Permission denied\n\n", "nonsense\n", "\n"])
  func `a reply of another kind is an error that quotes it`(reply: String) async throws {
    try await ScriptedHAProxy.run(
      ScriptedHAProxy.answering(["show cli level": reply, "show backend": reply])
    ) { socket in
      let level = try await failure { try await Self.client(socket).accessLevel() }
      #expect(level.kind == .malformed)
      #expect(level.command == "show cli level")
      #expect(try await failure { try await Self.client(socket).listBackends() }.kind == .malformed)
    }
  }
}
