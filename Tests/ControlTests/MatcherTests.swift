import Balancing
import Control
import FoundationEssentials
import Synchronization
import TestSupport
import Testing

@Suite struct MatcherTests {
  /// Matches names that begin with `shop-`; group 1 is the rest.
  private struct Shop: NamePattern {
    let source = "shop-(.*)"

    func groups(atStartOf name: String) -> [String?]? {
      name.hasPrefix("shop-") ? [name, String(name.dropFirst(5))] : nil
    }
  }

  private static func hosts(
    _ containers: [HostName: [(id: String, aliases: [String], labels: [String: String])]],
    addresses: [HostName: Set<String>] = [:]
  ) async -> [HostName: HostTrack] {
    await SampleStore().ingest(
      containers.map { host, containers in
        .listing(
          containers.map {
            ContainerReading(
              id: $0.id, aliases: $0.aliases, labels: $0.labels, sample: nil, quotaCores: nil)
          }, on: host, addresses: addresses[host] ?? [])
      }
    ).hosts
  }

  private static func rule(_ match: Match?) -> String {
    switch match {
    case .container(let key, let rule): "\(key.host)/\(key.id) by \(rule.rawValue)"
    case .ambiguous(let keys, let rule): "\(keys.count) by \(rule.rawValue)"
    case .shared(let key, let other): "\(key.id) shared with \(other)"
    case .near(let key): "near \(key.host)/\(key.alias)"
    case .some(.none), nil: "none"
    }
  }

  @Test func `a container's label wins over its name`() async {
    let hosts = await Self.hosts(
      ["web1": [("1", ["shop-1"], [:]), ("2", ["other"], ["haproxy.server": "shop-1"])]])
    let matcher = Matcher(MatchingRules(pattern: Shop(), label: "haproxy.server"))
    #expect(Self.rule(matcher.match([("shop-1", nil)], in: hosts)["shop-1"]) == "web1/2 by label")
  }

  @Test func `a template wins over an equal name`() async {
    let hosts = await Self.hosts([
      "web1": [("1", ["shop-a"], [:]), ("2", ["shop-x"], [:])],
      "web2": [("3", ["shop-a"], [:])],
    ])
    let template = ServerTemplate(parts: [.group(1), .literal("@"), .host])
    let matcher = Matcher(MatchingRules(pattern: Shop(), template: template))
    let matches = matcher.match([("a@web1", nil), ("a@web2", nil), ("shop-x", nil)], in: hosts)
    #expect(Self.rule(matches["a@web1"]) == "web1/1 by template")
    #expect(Self.rule(matches["a@web2"]) == "web2/3 by template")
    #expect(Self.rule(matches["shop-x"]) == "web1/2 by alias")
  }

  @Test func `a template part without a value matches nothing`() {
    let template = ServerTemplate(parts: [.label("tier"), .group(3)])
    #expect(template.filled(groups: ["x"], alias: "x", host: "h", labels: [:]) == nil)
    #expect(template.filled(groups: ["x"], alias: "x", host: "h", labels: ["tier": "1"]) == nil)
  }

  @Test func `a name outside the pattern is not matched`() async {
    let hosts = await Self.hosts(["web1": [("1", ["other"], [:])]])
    let matcher = Matcher(MatchingRules(pattern: Shop()))
    #expect(Self.rule(matcher.match([("other", nil)], in: hosts)["other"]) == "none")
  }

  @Test func `the same name on two hosts is ambiguous`() async {
    let hosts = await Self.hosts([
      "web1": [("1", ["shop-1"], [:])], "web2": [("2", ["shop-1"], [:])],
    ])
    let matcher = Matcher(MatchingRules(pattern: Shop()))
    #expect(Self.rule(matcher.match([("shop-1", nil)], in: hosts)["shop-1"]) == "2 by alias")
  }

  @Test func `the only container on the server's host is matched by address`() async {
    let hosts = await Self.hosts(
      [
        "web1": [("1", ["shop-main"], [:]), ("9", ["cadvisor"], [:])],
        "web2": [("2", ["shop-main"], [:])],
      ], addresses: ["web1": ["10.0.0.1"], "web2": ["10.0.0.2"]])
    let matcher = Matcher(MatchingRules(pattern: Shop(), byAddress: true))
    let matches = matcher.match([("s1", "10.0.0.1"), ("s2", "10.0.0.2"), ("s3", nil)], in: hosts)
    #expect(Self.rule(matches["s1"]) == "web1/1 by address")
    #expect(Self.rule(matches["s2"]) == "web2/2 by address")
    #expect(Self.rule(matches["s3"]) == "none")
  }

  @Test func `two servers of one container cannot be told apart`() async {
    let hosts = await Self.hosts(
      ["web1": [("1", ["shop-main"], [:])]], addresses: ["web1": ["10.0.0.1"]])
    let matcher = Matcher(MatchingRules(pattern: Shop(), byAddress: true))
    let matches = matcher.match([("s1", "10.0.0.1"), ("s2", "10.0.0.1")], in: hosts)
    #expect(Self.rule(matches["s1"]) == "1 shared with s2")
    #expect(Self.rule(matches["s2"]) == "1 shared with s1")
  }

  @Test func `a nameless cgroup is skipped`() async {
    let hosts = await Self.hosts(["web1": [("/docker", [], [:]), ("1", ["shop-1"], [:])]])
    let matcher = Matcher(MatchingRules(pattern: Shop()))
    #expect(Self.rule(matcher.match([("shop-1", nil)], in: hosts)["shop-1"]) == "web1/1 by alias")
  }

  /// The beginning of a container's id, as long as Docker's are.
  private static func docker(_ start: String) -> String {
    start + String(repeating: "0", count: 64 - start.count)
  }

  /// Matches names that begin with `shop-web-` and a number; group 1 is the number.
  private struct Compose: NamePattern {
    let source = #"shop-web-(\d+)"#

    func groups(atStartOf name: String) -> [String?]? {
      guard name.hasPrefix("shop-web-") else { return nil }
      let number = name.dropFirst("shop-web-".count).prefix { $0.isNumber }
      return number.isEmpty ? nil : ["shop-web-\(number)", String(number)]
    }
  }

  private static let numbered = ServerTemplate(parts: [.literal("s"), .group(1)])

  @Test func `one container under two cgroup paths is one container`() async {
    let id = Self.docker("a1")
    let hosts = await Self.hosts([
      "web1": [
        ("/docker/\(id)", ["shop-1", id], [:]),
        ("/system.slice/var-lib-docker-containers-\(id)-shm.mount", ["shop-1", id], [:]),
        ("/system.slice/docker-\(id).scope/", ["shop-1", id], [:]),
      ]
    ])
    let match = Matcher(MatchingRules(pattern: Shop())).match([("shop-1", nil)], in: hosts)
    #expect(match["shop-1"]?.container?.alias == "shop-1")
  }

  @Test func `two containers of one name stay ambiguous, and the sentence names the cause`() async {
    let hosts = await Self.hosts([
      "web1": [
        ("/docker/a", ["shop-1", Self.docker("a1")], [:]),
        ("/docker/b", ["shop-1", Self.docker("b2")], [:]),
      ]
    ])
    let match = Matcher(MatchingRules(pattern: Shop())).match([("shop-1", nil)], in: hosts)
    #expect(
      match["shop-1"]?.description == """
        2 containers are called shop-1 on web1; cAdvisor does not notice renames: restart it, or \
        use `label`
        """)
  }

  @Test(arguments: [
    "249662c60a09_shop-web-1", "old.shop-web-1", "shop_web_1", "a_b_shop-web-1",
  ])
  func `a container that nearly fits is named`(name: String) async {
    let hosts = await Self.hosts(["web1": [("1", [name, Self.docker("a1")], [:])]])
    let matcher = Matcher(MatchingRules(pattern: Compose(), template: Self.numbered))
    let matches = matcher.match([("s1", nil), ("s2", nil)], in: hosts)
    #expect(Self.rule(matches["s1"]) == "near web1/\(name)")
    #expect(matches["s1"]?.description.contains("\(name) on web1 nearly does") == true)
    #expect(Self.rule(matches["s2"]) == "none")
  }

  @Test func `a container of another server is not near`() async {
    let hosts = await Self.hosts([
      "web1": [("1", ["shop-web-1"], [:]), ("2", ["x-shop-web-1"], [:])]
    ])
    let matcher = Matcher(MatchingRules(pattern: Compose(), template: Self.numbered))
    #expect(Self.rule(matcher.match([("s1", nil)], in: hosts)["s1"]) == "web1/1 by template")
  }

  @Test func `what docker compose run made fits by its name alone`() async {
    let oneOff = [
      "com.docker.compose.container-number": "1", "com.docker.compose.oneoff": "True",
      "haproxy.server": "s1",
    ]
    let service = [
      "com.docker.compose.container-number": "1", "com.docker.compose.oneoff": "False",
      "haproxy.server": "s1",
    ]
    let hosts = await Self.hosts([
      "web1": [("1", ["shop-web-1"], service), ("2", ["shop-web-run-3f2a"], oneOff)]
    ])
    let byTemplate = MatchingRules(
      pattern: Shop(),
      template: ServerTemplate(
        parts: [.literal("s"), .label("com.docker.compose.container-number")]))
    for rules in [byTemplate, MatchingRules(pattern: Shop(), label: "haproxy.server")] {
      let matches = Matcher(rules).match([("s1", nil), ("shop-web-run-3f2a", nil)], in: hosts)
      #expect(matches["s1"]?.container?.id == "1")
      #expect(Self.rule(matches["shop-web-run-3f2a"]) == "web1/2 by alias")
    }
  }

  private static func tracks(_ readings: [HostName: HostReading]) async -> SampleView {
    await SampleStore().ingest(
      readings.map { host, reading in
        EndpointOutcome(
          endpoint: EndpointName(host.text), host: host, receivedAt: Timestamp(nanoseconds: 0),
          answer: .success(reading))
      })
  }

  private static func reading(
    _ containers: [(name: String, id: String, own: Set<String>)], at addresses: Set<String> = [],
    isHere: Bool = false
  ) -> HostReading {
    var reading = HostReading(
      answeredAt: nil, cores: 1, hostSample: nil,
      containers: containers.map {
        ContainerReading(
          id: $0.id, aliases: [$0.name], labels: [:], sample: nil, quotaCores: nil,
          addresses: $0.own)
      }, addresses: addresses)
    reading.isHere = isHere
    return reading
  }

  @Test(arguments: [
    ("10.0.0.2", true), ("172.17.0.2", true), ("172.32.0.2", false), ("192.168.1.2", true),
    ("192.169.1.2", false), ("100.64.0.2", true), ("100.128.0.2", false), ("169.254.0.2", true),
    ("203.0.113.2", false), ("fd00::2", true), ("fe80::2", true), ("2001:db8::2", false),
    ("::1", false), ("10.0.0", false), ("10.0.0.2.3", false), ("10..0.2", false), ("", false),
  ])
  func `an address that every network may have is doubted until all hosts are read`(
    address: String, isDoubted: Bool
  ) async {
    let hosts = await Self.tracks(["web1": Self.reading([("shop-1", "1", [address])])]).hosts
    let matcher = Matcher(MatchingRules(pattern: Shop(), byAddress: true))
    let awaiting = matcher.match([("s1", address)], in: hosts, isAwaiting: true)
    #expect(Self.rule(awaiting["s1"]) == (isDoubted ? "1 by address" : "web1/1 by address"))
    let read = matcher.match([("s1", address)], in: hosts)
    #expect(Self.rule(read["s1"]) == "web1/1 by address")
  }

  @Test func `where a HAProxy is elsewhere, this machine's container is one of several`() async {
    let hosts = await Self.tracks([
      "web1": Self.reading([("shop-1", "1", ["172.17.0.2"])], isHere: true),
      "web2": Self.reading([("shop-2", "2", ["172.17.0.2"])]),
    ]).hosts
    var rules = MatchingRules(pattern: Shop(), byAddress: true)
    for (isBalancedHere, found) in [(false, "2 by address"), (true, "web1/1 by address")] {
      rules.isBalancedHere = isBalancedHere
      let matches = Matcher(rules).match([("s1", "172.17.0.2")], in: hosts)
      #expect(Self.rule(matches["s1"]) == found)
    }
  }

  @Test func `one machine under two names has one container, found by either's address`() async {
    let path = "/system.slice/docker-\(Self.docker("a1")).scope"
    let view = await Self.tracks([
      "10.0.0.1": Self.reading([("shop-1", path, [])], at: ["10.0.0.1"]),
      "192.168.0.1": Self.reading([("shop-1", path, [])], at: ["192.168.0.1"]),
      "web2": Self.reading([("shop-2", "/docker/\(Self.docker("b2"))", [])], at: ["10.0.0.2"]),
    ])
    #expect(view.sameMachines.used == ["192.168.0.1": "10.0.0.1"])
    let matcher = Matcher(MatchingRules(pattern: Shop(), byAddress: true))
    for address in ["10.0.0.1", "192.168.0.1"] {
      let matches = matcher.match([("s1", address)], in: view.hosts)
      #expect(Self.rule(matches["s1"]) == "10.0.0.1/\(path) by address")
    }
    #expect(
      Self.rule(matcher.match([("shop-1", nil)], in: view.hosts)["shop-1"])
        == "10.0.0.1/\(path) by alias")
  }

  @Test func `what Docker says of a container's addresses is true of it in cAdvisor's list`() async
  {
    let id = Self.docker("a1")
    let view = await Self.tracks([
      "by-cadvisor": Self.reading([("shop-1", "/docker/\(id)", [])]),
      "by-docker": Self.reading([("shop-1", id, ["172.17.0.2"])], isHere: true),
      "other": Self.reading([("shop-2", Self.docker("b2"), ["172.17.0.2"])]),
    ])
    var rules = MatchingRules(pattern: Shop(), byAddress: true)
    rules.isBalancedHere = true
    #expect(
      Self.rule(Matcher(rules).match([("s1", "172.17.0.2")], in: view.hosts)["s1"])
        == "by-cadvisor//docker/\(id) by address")
  }

  /// Counts how often a name is tried.
  private final class Counting: NamePattern {
    let source = "none"
    let tries = Mutex(0)

    func groups(atStartOf name: String) -> [String?]? {
      tries.withLock { $0 += 1 }
      return nil
    }
  }

  @Test func `looking for what nearly fits costs a few tries for each container`() async {
    let containers = (0..<1000).map {
      (id: "\($0)", aliases: ["a-b_c.d-e_f-\($0)"], labels: [String: String]())
    }
    let hosts = await Self.hosts(["web1": containers])
    let pattern = Counting()
    let servers = (0..<200).map { (name: ServerName("s\($0)"), address: String?.none) }
    #expect(Matcher(MatchingRules(pattern: pattern)).match(servers, in: hosts).count == 200)
    #expect(pattern.tries.withLock { $0 } <= 8 * 1000)
  }

  /// Hosts whose containers come, go and are renamed, some of which several hosts list.
  @Test(arguments: 1...20)
  func `what is found host by host is what is found from the beginning`(seed: UInt64) async {
    var generator = SeededGenerator(seed: seed)
    var rules = MatchingRules(
      pattern: Shop(), label: "haproxy.server",
      template: ServerTemplate(parts: [.group(1), .literal("@"), .host]), byAddress: true)
    rules.isBalancedHere = seed.isMultiple(of: 2)
    var servers: [(name: ServerName, address: String?)] = []
    for number in 0..<4 {
      servers.append((ServerName("shop-\(number)"), nil))
      servers.append((ServerName("\(number)@h1"), "10.0.0.\(number)"))
      servers.append((ServerName("old-\(number)"), nil))
    }
    let (store, began) = (SampleStore(), Timestamp(nanoseconds: 0))
    var matcher = Matcher(rules)
    for step in 0..<30 {
      let host = HostName("h\(generator.whole(1...3))")
      let containers = (0..<generator.whole(0...4)).map { number in
        let prefix = generator.whole(0...3) == 0 ? "x-shop" : "shop"
        let digit = String(generator.whole(0...15), radix: 16)
        return ContainerReading(
          id: "/docker/\(digit)\(number)",
          aliases: ["\(prefix)-\(number)", String(repeating: digit, count: 64)],
          labels: generator.whole(0...4) == 0 ? ["haproxy.server": "old-\(number)"] : [:],
          sample: nil, quotaCores: nil, addresses: ["10.0.0.\(number)"])
      }
      let view = await store.ingest([
        .listing(
          containers, on: host, addresses: ["10.0.0.\(generator.whole(0...3))"],
          isHere: generator.whole(0...2) == 0)
      ])
      let now = began.advanced(bySeconds: 100 * Double(step))
      #expect(
        matcher.match(servers, in: view, at: now) == Matcher(rules).match(servers, in: view.hosts))
    }
  }

  @Test func `only hosts whose containers are others are looked at anew`() async {
    let pattern = Counting()
    var matcher = Matcher(MatchingRules(pattern: pattern))
    let store = SampleStore()
    func tries(_ view: SampleView, at seconds: Double) -> Int {
      let before = pattern.tries.withLock { $0 }
      _ = matcher.match(
        [("s1", nil)], in: view, at: Timestamp(nanoseconds: 0).advanced(bySeconds: seconds))
      return pattern.tries.withLock { $0 } - before
    }
    let many = (0..<100).map { "a\($0)" }
    #expect(
      tries(
        await store.ingest([
          Self.outcome("h1", many.map { ($0, [$0]) }), Self.outcome("h2", [("b", ["b"])]),
        ]), at: 0) == 101)
    #expect(
      tries(await store.ingest([Self.outcome("h2", [("b", ["b"]), ("c", ["c"])])]), at: 10) == 2)
    // A server without a container is looked for under other names again, but not in every tick: these
    // have no other.
    #expect(tries(await store.ingest([Self.outcome("h2", [("c", ["c"])])]), at: 100) == 1)
  }

  private static func outcome(
    _ host: HostName, _ containers: [(id: String, aliases: [String])]
  ) -> EndpointOutcome {
    .listing(
      containers.map {
        ContainerReading(id: $0.id, aliases: $0.aliases, labels: [:], sample: nil, quotaCores: nil)
      }, on: host)
  }

  @Test func `what nearly fits is found within a minute, also if nothing changes any more`() async {
    let (store, began) = (SampleStore(), Timestamp(nanoseconds: 0))
    var matcher = Matcher(MatchingRules(pattern: Shop()))
    func found(_ view: SampleView, at seconds: Double) -> String {
      Self.rule(
        matcher.match([("shop-1", nil)], in: view, at: began.advanced(bySeconds: seconds))["shop-1"]
      )
    }
    let before = await store.ingest([Self.outcome("h1", [("1", ["shop-2"])])])
    #expect(found(before, at: 0) == "none")
    let after = await store.ingest([
      Self.outcome("h1", [("1", ["shop-2"]), ("2", ["249662c60a09_shop-1"])])
    ])
    #expect(found(after, at: 10) == "none")
    #expect(!matcher.wantsAnotherLook(in: after, at: began.advanced(bySeconds: 50)))
    #expect(matcher.wantsAnotherLook(in: after, at: began.advanced(bySeconds: 70)))
    #expect(found(after, at: 70) == "near h1/249662c60a09_shop-1")
    #expect(!matcher.wantsAnotherLook(in: after, at: began.advanced(bySeconds: 700)))
  }

  @Test func `a machine under two names is one after a restart, too`() async throws {
    let id = String(repeating: "a", count: 64)
    let outcomes = [
      Self.outcome("h1", [("/docker/\(id)", ["shop-1", id])]),
      Self.outcome("h2", [("/docker/\(id)", ["shop-1", id])]),
    ]
    let first = SampleStore()
    _ = await first.ingest(outcomes)
    let kept = try JSONDecoder().decode(
      SampleStore.Contents.self, from: JSONEncoder().encode(await first.snapshot))
    let view = await SampleStore(kept).ingest(outcomes)
    #expect(view.sameMachines.used == ["h2": "h1"])
    var matcher = Matcher(MatchingRules(pattern: Shop()))
    let match = matcher.match([("shop-1", nil)], in: view, at: Timestamp(nanoseconds: 0))["shop-1"]
    #expect(Self.rule(match) == "h1//docker/\(id) by alias")
  }
}
