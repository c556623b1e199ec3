import CAdvisor
import NIOCore
import Testing

/// Readings in a row, against a server whose answers change.
@Suite(.timeLimit(.minutes(1)))
struct CAdvisorReaderTests {
  /// Runs a body with a reader of a scripted cAdvisor, a clock, and what was asked since last.
  private func withReader(
    of script: RoutedScript,
    _ body: (CAdvisorReader, TestClock, _ asked: () -> [String]) async throws -> Void
  ) async throws {
    try await withClient(of: script.behaviour) { client, server in
      let clock = TestClock()
      var seen = 0
      try await body(CAdvisorReader(client: client, clock: clock), clock) {
        let requests = server.log.requests
        defer { seen = requests.count }
        return requests.dropFirst(seen).map(\.route).sorted()
      }
    }
  }

  private static let samples = [RoutedScript.host, RoutedScript.containers].sorted()
  private static let all =
    (samples + [RoutedScript.specs, RoutedScript.cgroups, RoutedScript.machine]).sorted()
  /// A machine that is new is asked over several connections who it is.
  private static let first =
    (all + Array(repeating: RoutedScript.machine, count: 4)).sorted()

  private static func stats(_ ids: String...) -> Behaviour {
    let sample = #"{"timestamp":"2026-11-24T21:03:15Z","cpu":{"usage":{"total":7}}}"#
    let containers = ids.map {
      #""\#($0)":{"spec":{"aliases":["\#($0)"]},"stats":[\#(sample)]}"#
    }
    return .json("{\(containers.joined(separator: ","))}")
  }

  private static func limits(_ cpus: [String: String]) -> Behaviour {
    let containers = cpus.map { #""\#($0)":{"spec":{"cpu":\#($1)}}"# }
    return .json("{\(containers.joined(separator: ","))}")
  }

  private static let quota = #"{"quota":50000,"period":100000}"#

  @Test func `a reading puts five replies together`() async throws {
    try await withReader(of: .captured()) { reader, _, asked in
      let reading = try await reader.read(maxAge: .seconds(1))
      #expect(asked() == Self.first)
      #expect(reading.cores == 2)
      #expect(reading.hostSample?.cpuTotalNanoseconds == 3_800_102_342_308)
      #expect(reading.containers.count == 5)
      let limits = reading.containers.map { reading.coreLimits[$0.id] }
      #expect(limits == [0.1, nil, 1, 0.25, nil])
      #expect(reading.malformed.isEmpty && reading.warnings.isEmpty)
    }
  }

  @Test func `only samples are asked for until something is due or new`() async throws {
    let script = try RoutedScript.captured()
    script.set(RoutedScript.containers, Self.stats("/a"))
    script.set(RoutedScript.specs, Self.limits(["/a": Self.quota, "/b": "{}"]))
    try await withReader(of: script) { reader, clock, asked in
      _ = try await reader.read(maxAge: .seconds(1))
      #expect(asked() == Self.first)
      clock.advance(by: .seconds(10))
      _ = try await reader.read(maxAge: .seconds(1))
      #expect(asked() == Self.samples)

      script.set(RoutedScript.containers, Self.stats("/a", "/b"))
      let grown = try await reader.read(maxAge: .seconds(1))
      #expect(asked() == (Self.samples + [RoutedScript.specs, RoutedScript.machine]).sorted())
      #expect(grown.containers.map(\.id) == ["/a", "/b"])
      #expect(grown.coreLimits == ["/a": 0.5])

      clock.advance(by: .seconds(30))
      _ = try await reader.read(maxAge: .seconds(1))
      #expect(asked() == (Self.samples + [RoutedScript.specs]).sorted())
      clock.advance(by: .seconds(600))
      _ = try await reader.read(maxAge: .seconds(1))
      #expect(asked() == Self.all)
    }
  }

  @Test func `limits that cannot be had again keep their last value, with a warning`() async throws
  {
    let script = try RoutedScript.captured()
    script.set(RoutedScript.containers, Self.stats("/a"))
    script.set(RoutedScript.specs, Self.limits(["/a": Self.quota]))
    try await withReader(of: script) { reader, clock, asked in
      _ = try await reader.read(maxAge: .seconds(1))
      clock.advance(by: .seconds(30))
      script.set(RoutedScript.specs, .text(500, "busy"))
      script.set(RoutedScript.containers, Self.stats("/a", "/b"))
      let reading = try await reader.read(maxAge: .seconds(1))
      #expect(reading.containers.map(\.id) == ["/a", "/b"])
      #expect(reading.coreLimits == ["/a": 0.5])
      #expect(
        reading.flaws == [
          "/b": "its CPU limit is not known: status 500 (busy) [POST /api/v1.3/docker/]"
        ])
      #expect(reading.warnings.map(\.kind) == [.status(500)])

      _ = asked()
      script.set(RoutedScript.specs, Self.limits(["/a": "{}", "/b": Self.quota]))
      let healed = try await reader.read(maxAge: .seconds(1))
      #expect(asked().contains(RoutedScript.specs))
      #expect(healed.coreLimits == ["/b": 0.5])
      #expect(healed.flaws.isEmpty && healed.warnings.isEmpty)
    }
  }

  @Test func `a limit that is missing from a later reply keeps its last value`() async throws {
    let script = try RoutedScript.captured()
    script.set(RoutedScript.containers, Self.stats("/a", "/b"))
    script.set(RoutedScript.specs, Self.limits(["/a": Self.quota, "/b": Self.quota]))
    try await withReader(of: script) { reader, clock, _ in
      _ = try await reader.read(maxAge: .seconds(1))
      clock.advance(by: .seconds(30))
      script.set(RoutedScript.specs, Self.limits(["/b": #"{"quota":"much"}"#]))
      let reading = try await reader.read(maxAge: .seconds(1))
      #expect(reading.coreLimits == ["/a": 0.5, "/b": 0.5])
      #expect(reading.flaws.isEmpty)

      script.set(RoutedScript.containers, Self.stats())
      clock.advance(by: .seconds(30))
      _ = try await reader.read(maxAge: .seconds(1))
      script.set(RoutedScript.containers, Self.stats("/a"))
      let returned = try await reader.read(maxAge: .seconds(1))
      #expect(returned.flaws.keys.sorted() == ["/a"], "what was gone is forgotten")
    }
  }

  @Test func `a container without a limit that is known is never taken for unlimited`() async throws
  {
    let script = try RoutedScript.captured()
    script.set(RoutedScript.containers, Self.stats("/bad", "/good", "/missing"))
    script.set(
      RoutedScript.specs, Self.limits(["/bad": #"{"quota":"much"}"#, "/good": Self.quota]))
    try await withReader(of: script) { reader, _, asked in
      let reading = try await reader.read(maxAge: .seconds(1))
      #expect(reading.containers.map(\.id) == ["/bad", "/good", "/missing"])
      #expect(reading.flaws.keys.sorted() == ["/bad", "/missing"])
      #expect(
        reading.flaws["/bad"]?.hasPrefix("its CPU limit is not known: spec.cpu.quota: ") == true)
      for _ in 0..<2 {
        _ = asked()
        _ = try await reader.read(maxAge: .seconds(1))
        #expect(asked() == (Self.samples + [RoutedScript.specs]).sorted())
      }
      _ = try await reader.read(maxAge: .seconds(1))
      #expect(asked() == Self.samples, "a limit that never comes must not cost a question a tick")
    }
  }

  @Test func `a bare cgroup and a broken container do not disturb the rest`() async throws {
    let script = try RoutedScript.captured()
    script.set(
      RoutedScript.containers,
      .json(#"{"/a":{"spec":{"aliases":["a"]}},"/docker/other":{},"/broken":{"stats":7}}"#))
    script.set(RoutedScript.specs, Self.limits(["/a": "{}", "/docker/other": "{}"]))
    try await withReader(of: script) { reader, _, _ in
      let reading = try await reader.read(maxAge: .seconds(1))
      #expect(reading.containers.map(\.id) == ["/a"])
      #expect(reading.malformed.keys.sorted() == ["/broken"])
    }
  }

  @Test func `a first reading fails when the containers' samples do not come`() async throws {
    let script = try RoutedScript.captured()
    script.set(RoutedScript.containers, .text(503, "down"))
    try await withReader(of: script) { reader, _, _ in
      let error = try await #require(throws: CAdvisorError.self) {
        try await reader.read(maxAge: .seconds(1))
      }
      #expect(error.kind == .status(503))
      #expect(error.request.hasPrefix(RoutedScript.containers))
    }
  }

  @Test func `a machine that cannot be had again keeps its cores, with a warning`() async throws {
    let script = try RoutedScript.captured()
    try await withReader(of: script) { reader, clock, asked in
      _ = try await reader.read(maxAge: .seconds(1))
      clock.advance(by: .seconds(300))
      script.set(RoutedScript.machine, .text(500, "busy"))
      let reading = try await reader.read(maxAge: .seconds(1))
      #expect(reading.cores == 2)
      #expect(reading.warnings.map(\.request) == [RoutedScript.machine])
      _ = asked()
      _ = try await reader.read(maxAge: .seconds(1))
      #expect(asked().contains(RoutedScript.machine))
    }
  }

  @Test func `after a failure the machine may be another one`() async throws {
    let script = try RoutedScript.captured()
    let containers = try CapturedReply.body("v2.1-stats-docker-count1.json")
    try await withReader(of: script) { reader, _, _ in
      _ = try await reader.read(maxAge: .seconds(1))
      script.set(RoutedScript.containers, .hangUp)
      await #expect(throws: CAdvisorError.self) { try await reader.read(maxAge: .seconds(1)) }
      script.set(RoutedScript.containers, .json(containers))
      script.set(RoutedScript.machine, .json(#"{"num_cores":8}"#))
      let reading = try await reader.read(maxAge: .seconds(1))
      #expect(reading.cores == 8)
    }
  }

  @Test func `containers that fail do not wait for a host that hangs`() async throws {
    let script = try RoutedScript.captured()
    script.set(RoutedScript.containers, .text(500, "broken"))
    script.set(RoutedScript.host, .silence)
    try await withReader(of: script) { reader, _, _ in
      let error = try await #require(throws: CAdvisorError.self) {
        try await reader.read(maxAge: .seconds(1))
      }
      #expect(error.kind == .status(500))
    }
  }
}
