import Balancing
import Control
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
        EndpointOutcome(
          endpoint: EndpointName(host.text), host: host, receivedAt: Timestamp(nanoseconds: 0),
          answer: .success(
            HostReading(
              answeredAt: nil, cores: 1, hostSample: nil,
              containers: containers.map {
                ContainerReading(
                  id: $0.id, aliases: $0.aliases, labels: $0.labels, sample: nil, quotaCores: nil)
              }, addresses: addresses[host] ?? [])))
      }
    ).hosts
  }

  private static func rule(_ match: Match?) -> String {
    switch match {
    case .container(let key, let rule): "\(key.host)/\(key.id) by \(rule.rawValue)"
    case .ambiguous(let keys, let rule): "\(keys.count) by \(rule.rawValue)"
    case .shared(let key, let other): "\(key.id) shared with \(other)"
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
}
