import Balancing
import Testing

@testable import EvenkeelDaemon

/// The list of sources, by whatever name and of whatever kind.
struct SourcesTests {
  private func sources(_ list: String) throws -> [EndpointConfiguration] {
    try ConfigurationText.parse(Self.text(list)).endpoints
  }

  private static func text(_ list: String) -> String {
    """
    {"sources": \(list), "balancers": [{"address": "unix:/run/h.sock"}],
     "backends": [{"name": "shop"}]}
    """
  }

  @Test func `the old name of the list means the same`() throws {
    let old = try ConfigurationText.parse(ConfigurationText.small())
    let new = try ConfigurationText.parse(
      ConfigurationText.small().replacing("\"cadvisors\"", with: "\"sources\""))
    #expect(old == new)
    #expect(old.endpoints.map(\.place) == ["cadvisors[0]"])
    #expect(new.endpoints.map(\.place) == ["sources[0]"])
  }

  @Test func `both names at once are refused, and so is neither`() {
    let both = ConfigurationText.small(#", "sources": ["http://web2:8080"]"#)
    #expect(
      ConfigurationText.complaints(both) == [
        "config.json: cadvisors: is the old name of `sources`, which is there as well "
          + "(write all of them in `sources`)"
      ])
    let neither = #"{"balancers": [{"address": "unix:/a"}], "backends": [{"name": "shop"}]}"#
    #expect(ConfigurationText.complaints(neither) == ["config.json: sources: is missing"])
  }

  @Test(arguments: [
    ("http://web1:8080", SourceKind.cadvisor), ("http://web1:8080/metrics", .metrics),
    ("http://web1:8080/metrics/", .metrics), ("https://web1:10250/metrics/cadvisor", .metrics),
    ("http://prometheus:9090/federate", .metrics), ("http://web1/metrics/api", .cadvisor),
    ("http://web1:9100/metrics?collect[]=cpu", .metrics),
  ])
  func `a URL tells its kind`(url: String, kind: SourceKind) throws {
    #expect(try sources("[\"\(url)\"]").map(\.kind) == [kind])
  }

  @Test func `a page may be elsewhere, and have a query`() throws {
    let source = try #require(
      try sources(#"[{"url": "http://web1:12345/all?x=1&y=2", "kind": "metrics"}]"#).first)
    #expect(source.url == "http://web1:12345/all" && source.query == "x=1&y=2")
    #expect(source.name == "http://web1:12345/all?x=…&y=…")
  }

  @Test func `cAdvisor's API takes no query, nor anything of a page's`() {
    #expect(ConfigurationText.complaints(Self.text(#"["http://web1:8080/?a=1"]"#)).count == 1)
    let keys = #"[{"url": "http://web1:8080", "labels": {"a": "b"}, "names": {"id": "c"}}]"#
    #expect(
      ConfigurationText.complaints(Self.text(keys)).map { $0.prefix { $0 != "(" } } == [
        "config.json: sources[0].names: has no use with cadvisor ",
        "config.json: sources[0].labels: has no use with cadvisor ",
      ])
  }

  @Test func `hosts that one Prometheus tells of are known by their instances`() throws {
    let sources = try sources(
      """
      [{"url": "http://p:9090/federate", "labels": {"instance": "web1:9100", "job": "node"}},
       {"url": "http://p:9090/federate", "labels": {"instance": "[::1]:9100"}, "host": "web2"}]
      """)
    #expect(sources.map(\.host) == ["web1", "web2"])
    #expect(sources.map(\.machine) == ["web1", "::1"])
    #expect(sources.first?.name == "http://p:9090/federate {instance=web1:9100, job=node}")
  }

  @Test func `names and labels that cannot be are named with their place`() {
    let wrong = """
      [{"url": "http://a/metrics", "kind": "page", "load": "all", "names": {"ip": "x", "id": ""},
        "labels": {"a": 1, "b": ""}}]
      """
    let places = ConfigurationText.complaints(Self.text(wrong)).map {
      $0.dropFirst("config.json: ".count).prefix { $0 != ":" }
    }
    #expect(
      Set(places) == [
        "sources[0].kind", "sources[0].load", "sources[0].names.ip", "sources[0].names.id",
        "sources[0].labels.`a`", "sources[0].labels.`b`",
      ])
  }
}

/// Sockets of this machine, by which Docker is asked.
struct SocketSourceTests {
  private static func text(_ source: String) -> String {
    """
    {"sources": [\(source)], "balancers": [{"address": "unix:/run/h.sock"}],
     "backends": [{"name": "shop"}]}
    """
  }

  @Test(arguments: [
    "\"unix:/run/docker.sock\"", "\"unix:///run/docker.sock\"",
    #"{"url": "unix:/run/docker.sock", "kind": "docker"}"#,
  ])
  func `a socket is Docker's`(source: String) throws {
    let read = try #require(try ConfigurationText.parse(Self.text(source)).endpoints.first)
    #expect(read.kind == .docker && read.url == "unix:/run/docker.sock")
    #expect(read.name == "unix:/run/docker.sock" && read.host == "localhost")
  }

  @Test(arguments: [
    "\"unix:run/docker.sock\"", "\"unix:/\"", #"{"url": "unix:/a", "kind": "cadvisor"}"#,
    "\"unix:/\(String(repeating: "a", count: 200))\"",
  ])
  func `what is no path of a socket is refused`(source: String) {
    #expect(ConfigurationText.complaints(Self.text(source)).count == 1)
  }

  @Test func `Docker is asked no more often than it can answer`() {
    let text = Self.text("\"unix:/run/docker.sock\"")
    let quick = text.replacing("{\"sources\"", with: "{\"interval\": \"3s\", \"sources\"")
    #expect(
      ConfigurationText.complaints(quick) == [
        "config.json: interval: is too short for Docker's API, which takes a second for an answer "
          + "(allowed with it: 4s or more)"
      ])
    #expect(ConfigurationText.complaints(quick.replacing("3s", with: "4s")) == [])
  }

  @Test func `Docker may be asked over TCP`() throws {
    let read = try #require(
      try ConfigurationText.parse(
        Self.text(#"{"url": "https://web1:2376", "kind": "docker", "host": "web1"}"#)
      ).endpoints.first)
    #expect(read.kind == .docker && read.host == "web1")
  }

  @Test func `a query is not told, but for the series that are asked of a Prometheus`() throws {
    let configuration = try ConfigurationText.parse(
      """
      {"sources": [
         {"url": "http://p:9090/federate?match[]={job=\\"a\\"}&token=HUSH", "host": "web1"},
         {"url": "http://p:9090/metrics?token=HUSH", "host": "web2"},
         {"url": "http://p:9090/metrics?token=ALSO", "host": "web3"}],
       "balancers": [{"address": "unix:/run/none.sock"}], "backends": [{"name": "shop"}]}
      """)
    let names = configuration.endpoints.map(\.name.text)
    #expect(names.allSatisfy { !$0.contains("HUSH") && !$0.contains("ALSO") })
    #expect(names[0].contains("?match%5B%5D=%7Bjob=") && names[0].hasSuffix("&token=…"))
    // What tells them apart is not told.
    #expect(
      names.dropFirst() == [
        "http://p:9090/metrics?token=… of web2", "http://p:9090/metrics?token=… of web3",
      ])
  }
}
