import CAdvisor
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

/// Readings of a cAdvisor of which a part fails, or tells what cannot be.
@Suite(.timeLimit(.minutes(1)))
struct PartFailureTests {
  private static let sample = #"{"timestamp":"2026-11-24T21:03:15Z","cpu":{"usage":{"total":7}}}"#
  private static let quota = #"{"quota":50000,"period":100000}"#
  private static let oneMachine = #"{"num_cores":8,"boot_id":"one"}"#

  /// Two containers, one with a quota of half a core and one without any.
  private static func script(stats: [String: String] = [:]) -> RoutedScript {
    let containers = ["limited", "unlimited"].map {
      #""/docker/\#($0)":{"spec":{"aliases":["\#($0)"]},"stats":[\#(stats[$0] ?? sample)]}"#
    }
    return RoutedScript([
      RoutedScript.containers: .json("{\(containers.joined(separator: ","))}"),
      RoutedScript.host: .json("[\(sample)]"),
      RoutedScript.specs: .json(
        #"{"/docker/limited":{"spec":{"cpu":\#(quota)}},"/docker/unlimited":{"spec":{"cpu":{}}}}"#),
      RoutedScript.cgroups: .json("[]"),
      RoutedScript.machine: .json(oneMachine),
    ])
  }

  private static func reading(
    of script: RoutedScript, _ check: (CAdvisorReading, ScriptedServer) async throws -> Void
  ) async throws {
    try await withClient(of: script.behaviour) { client, server in
      let reader = CAdvisorReader(client: client, clock: TestClock())
      try await check(try await reader.read(maxAge: .seconds(1)), server)
    }
  }

  @Test(arguments: [
    #"{"timestamp":"2026-11-24T21:03:15Z"}"#,
    #"{"timestamp":"2026-11-24T21:03:15Z","cpu":null}"#,
    #"{"timestamp":"2026-11-24T21:03:15Z","cpu":{}}"#,
    #"{"timestamp":"2026-11-24T21:03:15Z","cpu":{"usage":{}}}"#,
    #"{"timestamp":"2026-11-24T21:03:15Z","has_cpu":false,"cpu":{"usage":{"total":41}}}"#,
  ])
  func `a sample without a CPU figure is none, and its container is told with the reason`(
    sample: String
  ) async throws {
    let script = Self.script(stats: ["limited": sample])
    script.set(RoutedScript.host, .json("[\(sample)]"))
    try await Self.reading(of: script) { reading, _ in
      #expect(reading.containers.map(\.samples.count) == [0, 1])
      #expect(reading.flaws == ["/docker/limited": "its samples have no CPU figure"])
      #expect(reading.hostSample == nil)
      #expect(reading.coreLimits == ["/docker/limited": 0.5])
    }
  }

  @Test func `a container of which cAdvisor finds no CPU controller has no CPU figure`()
    async throws
  {
    let script = Self.script()
    script.set(
      RoutedScript.containers,
      .json(
        """
        {"/docker/limited":{"spec":{"aliases":["l"],"has_cpu":false},"stats":[\(Self.sample)]}}
        """))
    try await Self.reading(of: script) { reading, _ in
      #expect(reading.containers.map(\.samples) == [[]])
      #expect(reading.flaws == ["/docker/limited": "its samples have no CPU figure"])
    }
  }

  @Test func `samples that do not decode leave the container its names`() async throws {
    let script = Self.script(stats: ["limited": #"{"timestamp":"yesterday"}"#])
    try await Self.reading(of: script) { reading, _ in
      #expect(reading.containers.map(\.aliases) == [["limited"], ["unlimited"]])
      #expect(
        reading.flaws == [
          "/docker/limited":
            "its samples are not cAdvisor's (stats[0].timestamp: no usable RFC 3339 time: yesterday)"
        ])
      #expect(reading.malformed.isEmpty)
    }
  }

  @Test(arguments: [
    #"{"num_cores":0,"boot_id":"one"}"#, #"{"boot_id":"one"}"#, #"{"num_cores":-4}"#,
    #"{"num_cores":"many"}"#, #"{"num_cores":1e300}"#, #"{"num_cores":99999999}"#,
  ])
  func `cores that cannot be are not known, and quotas go on to be used`(machine: String)
    async throws
  {
    let script = Self.script()
    script.set(RoutedScript.machine, .json(machine))
    try await Self.reading(of: script) { reading, _ in
      #expect(reading.cores == nil)
      #expect(reading.coreLimits == ["/docker/limited": 0.5])
      #expect(reading.flaws.keys.sorted() == ["/docker/unlimited"])
      #expect(
        reading.notes["the host's cores"]
          == "quotas alone count: its num_cores is missing or cannot be")
    }
  }

  @Test func `limits that cannot be had at the start are tried three times, and none is assumed`()
    async throws
  {
    let script = Self.script()
    script.set(RoutedScript.specs, .text(500, "unable to find data for container\n"))
    try await Self.reading(of: script) { reading, server in
      #expect(server.log.requests.count { $0.route == RoutedScript.specs } == 3)
      #expect(reading.containers.count == 2)
      let words = """
        its CPU limit is not known: status 500 (unable to find data for container) \
        [POST /api/v1.3/docker/]
        """
      #expect(reading.flaws == ["/docker/limited": words, "/docker/unlimited": words])
      #expect(reading.coreLimits.isEmpty)
    }
  }

  @Test func `limits that come at the second try are no failure`() async throws {
    let script = Self.script()
    let tries = Mutex(0)
    let behaviour: ScriptedServer.Script = { request in
      guard request.route == RoutedScript.specs else { return script.behaviour(for: request) }
      let isFirst = tries.withLock { tries in
        tries += 1
        return tries == 1
      }
      return isFirst ? .text(500, "race") : script.behaviour(for: request)
    }
    try await withClient(of: behaviour) { client, _ in
      let reader = CAdvisorReader(client: client, clock: TestClock())
      let reading = try await reader.read(maxAge: .seconds(1))
      #expect(reading.flaws.isEmpty && reading.warnings.isEmpty)
    }
  }

  @Test(arguments: [RoutedScript.machine, RoutedScript.host])
  func `without the host's figures those with a quota go on, and the others are held`(
    route: String
  ) async throws {
    let script = Self.script()
    script.set(route, .text(500, "broken"))
    try await Self.reading(of: script) { reading, _ in
      #expect(reading.flaws.keys.sorted() == ["/docker/unlimited"])
      #expect(reading.flaws["/docker/unlimited"]?.contains("status 500 (broken)") == true)
      #expect(reading.coreLimits == ["/docker/limited": 0.5])
      #expect(reading.notes.count == 1)
    }
  }

  @Test func `a part that nobody answers any more is a failure of the whole`() async throws {
    let script = Self.script()
    script.set(RoutedScript.host, .hangUp)
    try await withClient(of: script.behaviour) { client, _ in
      let reader = CAdvisorReader(client: client, clock: TestClock())
      let error = try await #require(throws: CAdvisorError.self) {
        try await reader.read(maxAge: .seconds(1))
      }
      #expect(error.kind == .unreachable)
    }
  }

  /// What stands before cAdvisor, by what it lets through.
  private static func proxied(
    _ script: RoutedScript, allows: @escaping @Sendable (ReceivedRequest) -> Bool, status: Int
  ) -> ScriptedServer.Script {
    { request in
      guard allows(request) else { return .text(status, "<h1>Not Allowed</h1>") }
      let route = "POST \(request.uri.prefix { $0 != "?" })"
      let isSpecs = [RoutedScript.specs, RoutedScript.cgroups].contains(route)
      return script.behaviour(for: isSpecs ? request.asPost : request)
    }
  }

  @Test(arguments: [403, 405, 501])
  func `a proxy that lets only GET through is asked by GET, in the same words`(status: Int)
    async throws
  {
    let behaviour = Self.proxied(Self.script(), allows: { $0.method == .GET }, status: status)
    try await withClient(of: behaviour) { client, server in
      let clock = TestClock()
      let reader = CAdvisorReader(client: client, clock: clock)
      let reading = try await reader.read(maxAge: .seconds(1))
      #expect(reading.coreLimits == ["/docker/limited": 0.5])
      #expect(reading.flaws.isEmpty && reading.warnings.isEmpty)
      let asked = server.log.requests.filter { $0.uri.hasPrefix("/api/v1.3/docker/") }
      #expect(
        asked.map { "\($0.method.rawValue) \($0.body)" } == [
          #"POST {"num_stats":0}"#, #"GET {"num_stats":0}"#,
        ])
      clock.advance(by: .seconds(30))
      _ = try await reader.read(maxAge: .seconds(1))
      let last = server.log.requests.last { $0.uri.hasPrefix("/api/v1.3/docker/") }
      #expect(last?.method == .GET, "what was refused once is not tried again and again")
      #expect(server.log.requests.count { $0.method == .POST } == 1)
    }
  }

  @Test func `a proxy that lets no body through is asked without one`() async throws {
    let behaviour = Self.proxied(
      Self.script(), allows: { $0.method == .GET && $0.body.isEmpty }, status: 400)
    try await withClient(of: behaviour) { client, server in
      let reader = CAdvisorReader(client: client, clock: TestClock())
      let reading = try await reader.read(maxAge: .seconds(1))
      #expect(reading.coreLimits == ["/docker/limited": 0.5])
      #expect(
        server.log.requests.allSatisfy { !$0.uri.hasPrefix("/api/v1.3/subcontainers") },
        "without a body all samples of all cgroups would come")
    }
  }

  @Test(arguments: [401, 403, 404, 405])
  func `a path that is refused alone is named with what to allow`(status: Int) async throws {
    let script = Self.script()
    let behaviour: ScriptedServer.Script = { request in
      request.uri.hasPrefix("/api/v1.3/docker")
        ? .text(status, "no") : script.behaviour(for: request)
    }
    try await withClient(of: behaviour) { client, _ in
      let reader = CAdvisorReader(client: client, clock: TestClock())
      let flaws = try await reader.read(maxAge: .seconds(1)).flaws
      let flaw = try #require(flaws["/docker/limited"])
      #expect(flaw.contains("POST /api/v1.3/docker/ is refused with \(status) by whatever stands"))
      #expect(flaw.contains("allow GET and POST below /api/v1.3/ and /api/v2.1/"))
      #expect(!flaw.contains("password"))
    }
  }

  @Test func `the quota of a cgroup that containers are in limits them, and is shared`()
    async throws
  {
    let script = Self.script()
    script.set(
      RoutedScript.containers,
      .json(
        """
        {"/shop.slice/a":{"spec":{"aliases":["a"]},"stats":[\(Self.sample)]},
        "/shop.slice/pod/b/":{"spec":{"aliases":["b"]},"stats":[\(Self.sample)]},
        "/docker/c":{"spec":{"aliases":["c"]},"stats":[\(Self.sample)]}}
        """))
    script.set(
      RoutedScript.specs,
      .json(
        """
        {"/shop.slice/a":{"spec":{"cpu":{}}},
        "/shop.slice/pod/b/":{"spec":{"cpu":{"quota":20000,"period":100000}}},
        "/docker/c":{"spec":{"cpu":{"quota":200000,"period":100000}}}}
        """))
    script.set(
      RoutedScript.cgroups,
      .json(
        """
        [{"name":"/shop.slice","spec":{"cpu":{"quota":150000,"period":100000,"mask":"0-7"}}},
        {"name":"/shop.slice/pod","spec":{"cpu":{"quota":50000,"period":100000}}},
        {"name":"/docker","spec":{"cpu":{"period":100000}}},
        {"name":"/broken","spec":7},{"name":"/none","spec":{"has_cpu":false,"cpu":{}}}]
        """))
    try await Self.reading(of: script) { reading, _ in
      #expect(
        reading.coreLimits == ["/shop.slice/a": 1.5, "/shop.slice/pod/b/": 0.2, "/docker/c": 2])
      #expect(
        reading.sharedLimits == [
          "/shop.slice/a": SharedCPULimit(cgroup: "/shop.slice", cores: 1.5),
          "/shop.slice/pod/b/": SharedCPULimit(cgroup: "/shop.slice/pod", cores: 0.5),
        ])
      #expect(reading.flaws.isEmpty && reading.notes.isEmpty)
    }
  }

  @Test(arguments: [Behaviour.text(500, "no"), .json("{}"), .hangUp, .json(#"[{"name":"/"}]"#)])
  func `cgroups that cannot be had are done without`(answer: Behaviour) async throws {
    let script = Self.script()
    script.set(RoutedScript.cgroups, answer)
    try await Self.reading(of: script) { reading, _ in
      #expect(reading.coreLimits == ["/docker/limited": 0.5])
      #expect(reading.sharedLimits.isEmpty && reading.flaws.isEmpty && reading.notes.isEmpty)
    }
  }

  @Test func `a parent that is not shown is named, with what shows it`() async throws {
    let script = Self.script()
    script.set(
      RoutedScript.containers,
      .json(#"{"/shop.slice/a":{"spec":{"aliases":["a"]},"stats":[\#(Self.sample)]}}"#))
    script.set(RoutedScript.specs, .json(#"{"/shop.slice/a":{"spec":{"cpu":{}}}}"#))
    try await Self.reading(of: script) { reading, _ in
      let note = try #require(reading.notes["parent cgroups"])
      #expect(note.contains("/shop.slice") && note.contains("-raw_cgroup_prefix_whitelist"))
    }
  }

  struct Blindness: Sendable, CustomTestStringConvertible {
    var cgroups: String
    var words: [String]
    var testDescription: String { cgroups }
  }

  @Test(arguments: [
    Blindness(
      cgroups: #"[{"name":"/"}]"#,
      words: ["knows no Docker container", "0.57", "Podman and containerd are not read"]),
    Blindness(
      cgroups: #"""
        [{"name":"/system.slice/docker-\#(String(repeating: "4f", count: 32)).scope"},
        {"name":"/docker/\#(String(repeating: "a0", count: 32))"},{"name":"/docker/short"}]
        """#,
      words: ["sees 2 container(s) of Docker, but not their names", "0.57"]),
    Blindness(
      cgroups: #"[{"name":"/libpod-1","aliases":["s1"],"namespace":"podman"}]"#,
      words: ["containers of podman alone, which are not read"]),
  ])
  func `a cAdvisor that knows no Docker container is said to be so`(blindness: Blindness)
    async throws
  {
    let script = Self.script()
    script.set(RoutedScript.containers, .json("{}"))
    script.set(RoutedScript.specs, .json("{}"))
    script.set(RoutedScript.cgroups, .json(blindness.cgroups))
    try await Self.reading(of: script) { reading, _ in
      let note = try #require(reading.notes["containers"])
      for words in blindness.words { #expect(note.contains(words), "\(note)") }
    }
  }
}

extension ReceivedRequest {
  fileprivate var asPost: ReceivedRequest {
    var request = self
    request.method = .POST
    return request
  }
}
