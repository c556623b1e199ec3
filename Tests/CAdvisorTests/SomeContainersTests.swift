import Testing

@testable import CAdvisor

/// Readings of some containers alone, against a server whose answers change.
@Suite(.timeLimit(.minutes(1)))
struct SomeContainersTests {
  private static let one = "\(RoutedScript.containers)/docker/a"
  /// What a reading of that one asks.
  private static let some = [RoutedScript.host, one].sorted()

  private static func entry(_ id: String, name: String? = nil, used: Int = 7) -> String {
    let sample = #"{"timestamp":"2026-11-24T21:03:15Z","cpu":{"usage":{"total":\#(used)}}}"#
    return #""\#(id)":{"spec":{"aliases":["\#(name ?? id)"]},"stats":[\#(sample)]}"#
  }

  private static func stats(_ entries: String...) -> Behaviour {
    .json("{\(entries.joined(separator: ","))}")
  }

  private static func limits(of ids: [String], quota: Int) -> Behaviour {
    let entries = ids.map {
      #""\#($0)":{"spec":{"cpu":{"quota":\#(quota),"period":100000}}}"#
    }
    return .json("{\(entries.joined(separator: ","))}")
  }

  private static let ids = ["/docker/a", "/docker/b", "/docker/c"]

  /// Runs a body with a reader that has read all of a machine with three containers.
  private func withReader(
    phase: Double = 0,
    _ body: (CAdvisorReader, RoutedScript, TestClock, _ asked: () -> [String]) async throws -> Void
  ) async throws {
    let script = try RoutedScript.captured()
    script.set(
      RoutedScript.containers,
      Self.stats(Self.entry("/docker/a"), Self.entry("/docker/b"), Self.entry("/docker/c")))
    script.set(Self.one, Self.stats(Self.entry("/docker/a", used: 8)))
    script.set(RoutedScript.specs, Self.limits(of: Self.ids, quota: 50_000))
    try await withClient(of: script.behaviour) { client, server in
      let clock = TestClock()
      let reader = CAdvisorReader(client: client, phase: phase, clock: clock)
      _ = try await reader.read(only: ["/docker/a"], maxAge: .seconds(1))
      var seen = server.log.requests.count
      #expect(server.log.requests.contains { $0.route == RoutedScript.containers })
      try await body(reader, script, clock) {
        let requests = server.log.requests
        defer { seen = requests.count }
        return requests.dropFirst(seen).map(\.route).sorted()
      }
    }
  }

  @Test func `those that are wanted are asked for, and the machine`() async throws {
    try await withReader { reader, _, clock, asked in
      clock.advance(by: .seconds(10))
      let reading = try await reader.read(only: ["/docker/a"], maxAge: .seconds(1))
      #expect(asked() == Self.some)
      #expect(reading.containers.map(\.id) == ["/docker/a"])
      #expect(reading.containers.first?.samples.map(\.cpuTotalNanoseconds) == [8])
      #expect(reading.others == 2)
      #expect(reading.coreLimits == ["/docker/a": 0.5])
      #expect(reading.hostSample != nil && reading.cores == 2)
      #expect(reading.flaws.isEmpty && reading.notes.isEmpty && reading.warnings.isEmpty)

      let none = try await reader.read(only: [], maxAge: .seconds(1))
      #expect(asked() == [RoutedScript.host])
      #expect(none.containers.isEmpty && none.others == 3)
      #expect(none.hostSample != nil && none.notes.isEmpty)
    }
  }

  @Test func `all are listed once a minute, and every five where none is wanted`() async throws {
    try await withReader { reader, _, clock, asked in
      clock.advance(by: .seconds(59))
      _ = try await reader.read(only: ["/docker/a"], maxAge: .seconds(1))
      #expect(!asked().contains(RoutedScript.containers))
      clock.advance(by: .seconds(1))
      let all = try await reader.read(only: ["/docker/a"], maxAge: .seconds(1))
      #expect(asked().contains(RoutedScript.containers))
      #expect(all.containers.count == 3 && all.others == 0)
      clock.advance(by: .seconds(239))
      _ = try await reader.read(only: [], maxAge: .seconds(1))
      #expect(asked() == [RoutedScript.host])
      clock.advance(by: .seconds(1))
      _ = try await reader.read(only: [], maxAge: .seconds(1))
      #expect(asked().contains(RoutedScript.containers))
    }
  }

  @Test func `when in a minute it is listed is each reader's own`() async throws {
    try await withReader(phase: 0.75) { reader, _, clock, asked in
      // The fleet is asked for all twice before it is known what is enough.
      clock.advance(by: .seconds(10))
      _ = try await reader.read(maxAge: .seconds(1))
      _ = asked()
      for (wait, isListed) in [(4.0, false), (1, true), (59, false), (1, true), (59.9, false)] {
        clock.advance(by: .seconds(wait))
        _ = try await reader.read(only: ["/docker/a"], maxAge: .seconds(1))
        #expect(asked().contains(RoutedScript.containers) == isListed)
      }
    }
  }

  @Test func `limits are asked for with the list`() async throws {
    try await withReader { reader, script, clock, asked in
      script.set(RoutedScript.specs, Self.limits(of: Self.ids, quota: 25_000))
      clock.advance(by: .seconds(59))
      let before = try await reader.read(only: ["/docker/a"], maxAge: .seconds(1))
      #expect(before.coreLimits == ["/docker/a": 0.5])
      #expect(asked() == Self.some)
      clock.advance(by: .seconds(1))
      let reading = try await reader.read(only: ["/docker/a"], maxAge: .seconds(1))
      #expect(asked().contains(RoutedScript.specs))
      #expect(Set(reading.coreLimits.values) == [0.25])
    }
  }

  /// What may be wrong with an answer.
  enum Change: CaseIterable {
    case gone, renamed, withoutSample, hostIsSilent, notJSON

    func make(in script: RoutedScript) {
      switch self {
      case .gone: script.set(SomeContainersTests.one, .text(500, "unknown container"))
      case .renamed:
        script.set(
          SomeContainersTests.one,
          SomeContainersTests.stats(SomeContainersTests.entry("/docker/a", name: "b")))
      case .withoutSample:
        script.set(
          SomeContainersTests.one,
          .json(#"{"/docker/a":{"spec":{"aliases":["/docker/a"]},"stats":[{"timestamp":7}]}}"#))
      case .hostIsSilent: script.set(RoutedScript.host, .json("[]"))
      case .notJSON: script.set(SomeContainersTests.one, .text(200, "<html>"))
      }
    }
  }

  @Test(arguments: Change.allCases)
  func `what is not as it was has all asked for, at once and for a minute`(
    _ change: Change
  ) async throws {
    try await withReader { reader, script, clock, asked in
      change.make(in: script)
      let reading = try await reader.read(only: ["/docker/a"], maxAge: .seconds(1))
      #expect(reading.containers.count == 3 && reading.others == 0)
      #expect(asked().contains(RoutedScript.containers))
      clock.advance(by: .seconds(50))
      _ = try await reader.read(only: ["/docker/a"], maxAge: .seconds(1))
      #expect(!asked().contains(Self.one))
    }
  }

  @Test func `one that hangs has all asked for in the readings after it`() async throws {
    try await withReader { reader, script, clock, asked in
      script.set(Self.one, .silence)
      let reading = Task { try await reader.read(only: ["/docker/a"], maxAge: .seconds(1)) }
      while !asked().contains(Self.one) { await Task.yield() }
      reading.cancel()
      let error = await #expect(throws: CAdvisorError.self) { try await reading.value }
      #expect(error?.kind == .cancelled)
      for _ in 0..<2 {
        clock.advance(by: .seconds(20))
        let all = try await reader.read(only: ["/docker/a"], maxAge: .seconds(1))
        #expect(all.containers.count == 3)
        #expect(!asked().contains(Self.one))
      }
    }
  }

  @Test func `a container that was never listed is looked for among all`() async throws {
    try await withReader { reader, _, _, asked in
      _ = try await reader.read(only: ["/docker/new"], maxAge: .seconds(1))
      #expect(asked().contains(RoutedScript.containers))
    }
  }

  @Test func `each further failure doubles the pause, up to an hour`() async throws {
    try await withReader { reader, script, clock, asked in
      script.set(Self.one, .text(403, "not here"))
      for minutes in [1, 2, 4, 8, 16, 32, 60, 60] {
        _ = try await reader.read(only: ["/docker/a"], maxAge: .seconds(1))
        #expect(asked().contains(Self.one))
        clock.advance(by: .seconds(60 * minutes - 1))
        _ = try await reader.read(only: ["/docker/a"], maxAge: .seconds(1))
        #expect(!asked().contains(Self.one))
        clock.advance(by: .seconds(1))
        // A list that is young enough.
        _ = try await reader.read(maxAge: .seconds(1))
        _ = asked()
      }
      script.set(Self.one, Self.stats(Self.entry("/docker/a")))
      _ = try await reader.read(only: ["/docker/a"], maxAge: .seconds(1))
      #expect(asked() == Self.some)
      script.set(Self.one, .text(403, "not here"))
      _ = try await reader.read(only: ["/docker/a"], maxAge: .seconds(1))
      clock.advance(by: .seconds(60))
      _ = try await reader.read(maxAge: .seconds(1))
      _ = asked()
      _ = try await reader.read(only: ["/docker/a"], maxAge: .seconds(1))
      #expect(asked().contains(Self.one), "it began anew")
    }
  }

  @Test func `what is wrong with another goes on being told`() async throws {
    try await withReader { reader, script, clock, asked in
      script.set(
        RoutedScript.containers,
        Self.stats(Self.entry("/docker/a"), #""/docker/b":{"stats":7}"#))
      let all = try await reader.read(maxAge: .seconds(1))
      #expect(all.malformed.keys.sorted() == ["/docker/b"])
      _ = asked()
      let reading = try await reader.read(only: ["/docker/a"], maxAge: .seconds(1))
      #expect(asked() == Self.some)
      #expect(reading.malformed == all.malformed && reading.notes == all.notes)
    }
  }

  @Test func `after a question that failed all are asked for`() async throws {
    try await withReader { reader, script, clock, asked in
      clock.advance(by: .seconds(30))
      script.set(RoutedScript.specs, .text(500, "busy"))
      let all = try await reader.read(maxAge: .seconds(1))
      #expect(all.warnings.count == 1)
      _ = asked()
      let again = try await reader.read(only: ["/docker/a"], maxAge: .seconds(1))
      #expect(asked().contains(RoutedScript.containers))
      #expect(again.warnings.count == 1)
    }
  }

  @Test func `an error is that of the list, in the same words`() async throws {
    try await withReader { reader, script, _, _ in
      script.set(Self.one, .hangUp)
      script.set(RoutedScript.containers, .text(503, "down"))
      let error = await #expect(throws: CAdvisorError.self) {
        try await reader.read(only: ["/docker/a"], maxAge: .seconds(1))
      }
      #expect(error?.request.hasPrefix("\(RoutedScript.containers)?type=docker") == true)
      #expect(error?.kind == .status(503))
    }
  }

  @Test(arguments: [
    ("/docker/841c8c", "/docker/841c8c"),
    ("/system.slice/docker-841c.scope", "/system.slice/docker-841c.scope"),
    (#"/a b/c?d#e%\x"#, "/a%20b/c%3Fd%23e%25%5Cx"),
    ("/ü/\u{1}", "/%C3%BC/%01"),
  ])
  func `an id is a path in a URL`(_ id: String, _ path: String) {
    #expect(
      APIRequest.container(id, maxAge: .seconds(1)).path
        == "/api/v2.1/stats\(path)?type=name&count=1&max_age=1000ms")
  }
}
