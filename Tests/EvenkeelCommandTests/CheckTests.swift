import FoundationEssentials
import HAProxyTestSupport
import Logging
import Testing

@testable import Demo

/// What `evenkeel check` and `evenkeel init` find on a real HAProxy, with what cAdvisor says of three
/// containers.
@Suite(.serialized, .timeLimit(.minutes(2))) struct CheckTests {
  private static let cluster = Cluster(
    hosts: [Cluster.Host(name: "host-a", cores: 4)],
    servers: ["shop-1", "shop-2", "shop-3"].map {
      Cluster.Server(name: $0, host: "host-a", quotaCores: 0.2)
    },
    meanCostSeconds: 0.004, costVariation: 0.3, load: 0.3)

  private static let sections = """
    backend shop
      balance roundrobin
    \(servers)
    backend tail
      balance leastconn
    \(servers)
    backend mapped
      balance source
    \(servers)
    backend fixed
      balance static-rr
    \(servers)
    """
  private static let servers = (1...3).map { "  server shop-\($0) 127.0.0.1:700\($0)" }
    .joined(separator: "\n")

  /// What a test works with.
  struct Bed: Sendable {
    let haproxy: RealHAProxy
    let url: String

    /// A configuration of these backends.
    func file(_ backends: String) throws -> TemporaryFile {
      try TemporaryFile(
        """
        {"cadvisors": [{"url": "\(url)", "host": "host-a"}],
         "balancers": [{"name": "lb1", "address": "unix:\(haproxy.path("admin.sock"))"}],
         "backends": \(backends)}
        """)
    }

    func check(_ backends: String, _ options: String...) async throws -> Program.Outcome {
      let file = try file(backends)
      return try await Program.run(list: ["check", "--config", file.path] + options)
    }
  }

  private static func run(
    _ sections: String = sections, _ body: @escaping @Sendable (Bed) async throws -> Void
  ) async throws {
    let clock = DemoClock()
    let virtual = VirtualCluster(cluster, clock: clock)
    let replies = CAdvisorReplies(host: cluster.hosts[0], servers: virtual.servers, clock: clock)
    try await withHTTPServers(
      [routes(of: replies)], logger: Logger(label: "check") { _ in SwiftLogNoOpLogHandler() }
    ) { ports in
      try await RealHAProxy.run(sections) { haproxy in
        try await body(Bed(haproxy: haproxy, url: "http://127.0.0.1:\(ports[0])"))
      }
    }
  }

  @Test func `where all is well, it says so, and nothing else`() async throws {
    try await Self.run(
      "backend shop\n  balance roundrobin\n\(Self.servers)"
    ) { bed in
      let outcome = try await bed.check(#"[{"name": "shop"}]"#, "--strict")
      #expect(outcome.exitCode == 0, "\(outcome)")
      #expect(outcome.output.hasSuffix("\n\nAll is well.\n"), "\(outcome.output)")
      #expect(!outcome.output.contains("Notes:") && !outcome.output.contains("Errors:"))
    }
  }

  @Test(arguments: [
    ("tail", "under `balance leastconn` a weight is a share of what is in flight"),
    ("mapped", "`balance source` takes weights only with `hash-type consistent`"),
  ])
  func `what may be meant is a note: exit 0, and 1 only with --strict`(
    backend: String, note: String
  ) async throws {
    try await Self.run { bed in
      let backends = #"[{"name": "\#(backend)"}]"#
      let outcome = try await bed.check(backends)
      #expect(outcome.exitCode == 0, "\(outcome)")
      let notes = try #require(outcome.output.split(separator: "\nNotes:\n").last)
      #expect(notes.contains(note), "\(outcome.output)")
      #expect(!outcome.output.contains("Errors:"), "\(outcome.output)")
      #expect(try await bed.check(backends, "--strict").exitCode == 1)
    }
  }

  @Test func `an algorithm that takes no weights is an error`() async throws {
    try await Self.run { bed in
      let outcome = try await bed.check(#"[{"name": "fixed"}]"#)
      #expect(outcome.exitCode == 1, "\(outcome)")
      #expect(outcome.output.contains("fixed: on lb1: `balance static-rr` takes no weights"))
    }
  }

  @Test func `a backend that HAProxy does not have is named beside those that it has`()
    async throws
  {
    try await Self.run { bed in
      let outcome = try await bed.check(#"[{"name": "shpo"}]"#)
      #expect(outcome.exitCode == 1, "\(outcome)")
      #expect(
        outcome.output.contains(
          "shpo: lb1 has no backend of this name (did you mean `shop`?); it has shop, tail, mapped, "
            + "fixed"), "\(outcome.output)")
    }
  }

  @Test func `a pattern that misses is told once, with the containers that are left`() async throws
  {
    try await Self.run { bed in
      let outcome = try await bed.check(#"[{"name": "shop", "pattern": "store-.*"}]"#)
      #expect(outcome.exitCode == 1, "\(outcome)")
      for line in [
        "shop: shop-1, shop-2, shop-3: no container fits",
        "shop: `pattern` `store-.*` fits no container's name",
        "shop: containers without a server: shop-1, shop-2, shop-3 on host-a",
      ] {
        #expect(outcome.output.contains(line), "\(line): \(outcome.output)")
      }
      #expect(outcome.output.matches(of: /no container fits/).count == 1, "\(outcome.output)")
    }
  }

  @Test func `a name that nearly fits is named`() async throws {
    let sections = """
      backend shop
        server shop1 127.0.0.1:7001
        server shop-2 127.0.0.1:7002
        server shop-3 127.0.0.1:7003
      """
    try await Self.run(sections) { bed in
      let outcome = try await bed.check(#"[{"name": "shop"}]"#)
      #expect(outcome.exitCode == 1, "\(outcome)")
      #expect(outcome.output.contains("shop/shop1: no container fits"), "\(outcome.output)")
      #expect(
        outcome.output.contains("near misses: shop1: shop-1 on host-a"), "\(outcome.output)")
    }
  }

  @Test func `containers that serve other backends as well are noted`() async throws {
    try await Self.run { bed in
      let both = try await bed.check(#"[{"name": "shop"}, {"name": "tail"}]"#)
      #expect(both.exitCode == 0, "\(both)")
      #expect(both.output.contains("shop: its containers serve tail as well"), "\(both.output)")
      #expect(
        both.output.contains("HAProxy sends requests of fixed, mapped to the same servers"),
        "\(both.output)")
    }
  }

  @Test func `container, host and rule are three fields, and what is not known is null`()
    async throws
  {
    try await Self.run { bed in
      let outcome = try await bed.check(#"[{"name": "shop"}]"#, "--json")
      #expect(outcome.exitCode == 0, "\(outcome)")
      for line in [
        #""container" : "shop-1""#, #""host" : "host-a""#, #""rule" : "alias""#,
        #""flaw" : null"#, #""failure" : null"#, #""ok" : true"#,
      ] {
        #expect(outcome.output.contains(line), "\(line)")
      }
      let missing = try await bed.check(#"[{"name": "shop", "pattern": "store-.*"}]"#, "--json")
      #expect(missing.output.contains(#""container" : null"#), "\(missing.output)")
      #expect(missing.output.contains(#""ok" : false"#))
    }
  }

  private static func start(_ bed: Bed, _ options: String...) async throws -> Program.Outcome {
    try await Program.run(
      list: ["init", "--socket", bed.haproxy.path("admin.sock"), "--cadvisor", bed.url] + options)
  }

  @Test func `init asks before it writes, and writes nothing where nobody can be asked`()
    async throws
  {
    try await Self.run { bed in
      let file = bed.haproxy.path("new.json")
      let refused = try await Self.start(bed, "--output", file)
      #expect(refused.exitCode == 1, "\(refused)")
      #expect(refused.error.contains("--yes writes \(file) without asking"), "\(refused)")
      #expect(!FileManager.default.fileExists(atPath: file))
      let written = try await Self.start(bed, "--output", file, "--yes")
      #expect(written.exitCode == 0, "\(written)")
      #expect(
        written.error.contains(
          "Next: evenkeel check --config \(file), then evenkeel plan --config"),
        "\(written.error)")
      #expect(try await Program.run("check", "--config", file).exitCode == 0)
      let kept = try await Self.start(bed, "--output", file, "--yes")
      #expect(kept.exitCode == 1 && kept.error.contains("--force"), "\(kept)")
    }
  }

  @Test func `init lists nothing where all answer at the addresses of HAProxy's servers`()
    async throws
  {
    try await Self.run { bed in
      let port = try #require(bed.url.split(separator: ":").last)
      let found = try await Program.run(
        list: [
          "init", "--socket", bed.haproxy.path("admin.sock"), "--cadvisor-port", "\(port)",
          "--output", "-",
        ])
      #expect(found.exitCode == 0, "\(found)")
      #expect(
        found.output.contains("\n  \"sources\": { \"servers\": { \"port\": \(port) } },\n"),
        "\(found.output)")
    }
  }

  @Test func `init prints the same file each time, and leaves out what cannot be steered`()
    async throws
  {
    try await Self.run { bed in
      let first = try await Self.start(bed, "--output", "-")
      #expect(first.exitCode == 0, "\(first)")
      #expect(
        first.output == """
          {
            "sources": [
              "\(bed.url)"
            ],
            "balancers": [
              { "name": "lb1", "address": "unix:\(bed.haproxy.path("admin.sock"))" }
            ],
            "mode": "observe",
            "backends": [
              { "name": "shop", "pattern": "shop-.*" },
              { "name": "tail", "pattern": "shop-.*" }
            ]
          }

          """)
      #expect(first.error.contains("left out: fixed: `balance static-rr` takes no weights"))
      #expect(first.error.contains("left out: mapped: `balance source` takes weights only with"))
      let second = try await Self.start(bed, "--output", "-")
      #expect(second.output == first.output)
      let printed = try TemporaryFile(first.output)
      defer { withExtendedLifetime(printed) {} }
      let checked = try await Program.run(
        list: ["check", "--offline", "--config", "-"], under: Program.piping(printed))
      #expect(checked.output.hasPrefix("standard input: good"), "\(checked)")
    }
  }
}
