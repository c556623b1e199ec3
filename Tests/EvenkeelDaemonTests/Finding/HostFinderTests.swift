import Balancing
import Control
import FoundationEssentials
import Names
import Synchronization
import Testing

@testable import EvenkeelDaemon

@Suite struct HostFinderTests {
  private static func configuration(_ sources: String, _ balancer: String) throws -> Configuration {
    try ConfigurationText.parse(
      """
      {"sources": \(sources), "balancers": [{"address": "\(balancer)"}],
       "backends": [{"name": "shop"}]}
      """)
  }

  private let start = Timestamp(nanoseconds: 1_800_000_000_000_000_000)

  private func withFleet(
    _ sources: String, balancer: String = "unix:/run/haproxy/admin.sock",
    names: @escaping NameResolver.LookUp = { _ in .success([]) },
    _ work: (inout Fleet) async throws -> Void
  ) async throws {
    var fleet = try await Fleet.open(
      try Self.configuration(sources, balancer), file: "config.json", clock: SteadyClock(),
      resolver: NameResolver(lookUp: names))
    do {
      try await work(&fleet)
      await fleet.close()
    } catch {
      await fleet.close()
      throw error
    }
  }

  private func ask(
    _ fleet: inout Fleet, servers: SeenServers = SeenServers(), after seconds: Double = 0
  ) async -> [ControlEvent] {
    let answers = await fleet.finder.ask(
      servers: servers, within: .seconds(5), at: start.advanced(bySeconds: seconds))
    return await fleet.take(answers).events
  }

  @Test func `HAProxy's servers are the hosts, each once, wherever they are many`() async throws {
    try await withFleet(#"{"servers": {"port": 8080}}"#) { fleet in
      let seen = SeenServers(addresses: ["10.0.0.2", "10.0.0.1", "0.0.0.0", "::1", "unix@/a"])
      let events = await ask(&fleet, servers: seen)
      #expect(
        events == [
          .hostsChanged(
            "servers of HAProxy, port 8080", added: ["10.0.0.1", "10.0.0.2", "::1"], gone: [],
            count: 3)
        ])
      #expect(
        fleet.endpoints.map(\.name.text) == [
          "http://10.0.0.1:8080", "http://10.0.0.2:8080", "http://[::1]:8080",
        ])
      #expect(fleet.entries.map(\.origin) == Array(repeating: events.first?.origin, count: 3))
    }
  }

  @Test func `a HAProxy that is silent takes no host away`() async throws {
    try await withFleet(#"[{"servers": {"port": 9100}, "kind": "metrics"}]"#) { fleet in
      _ = await ask(&fleet, servers: SeenServers(addresses: ["10.0.0.1", "10.0.0.2"]))
      #expect(fleet.endpoints.first?.name == "http://10.0.0.1:9100/metrics")
      let part = SeenServers(addresses: ["10.0.0.2"], isWhole: false)
      #expect(await ask(&fleet, servers: part, after: 10) == [])
      #expect(fleet.endpoints.count == 2)
      guard case .findingFailed(_, _, kept: 2)? = await ask(&fleet, after: 20).first else {
        Issue.record("nothing is said of a HAProxy that is silent")
        return
      }
      #expect(fleet.endpoints.count == 2)
    }
  }

  @Test func `a file is followed, and a broken one keeps the hosts of before`() async throws {
    let file = FileManager.default.temporaryDirectory
      .appending(path: "evenkeel-targets-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: file) }
    func write(_ text: String) throws { try Data(text.utf8).write(to: file) }
    try write(#"[{"targets": ["web1:8080", "web2:8080"]}]"#)
    try await withFleet(#"[{"file": "\#(file.path)"}]"#) { fleet in
      _ = await ask(&fleet)
      #expect(fleet.endpoints.map(\.host) == ["web1", "web2"])
      try write(#"[{"targets": ["web1:8080", "web2:"#)
      let broken = await ask(&fleet, after: 10)
      guard case .findingFailed(_, let reason, kept: 2)? = broken.first, broken.count == 1 else {
        Issue.record("\(broken)")
        return
      }
      #expect(reason.hasPrefix("\(file.path): line 1, column "))
      #expect(fleet.endpoints.map(\.host) == ["web1", "web2"])
      try write(#"[{"targets": ["web3:8080", "web2:8080", "web2:8081"]}]"#)
      let mended = await ask(&fleet, after: 20)
      #expect(mended.count == 2)
      // Two on one host are told apart by the later one's port: the first keeps its name.
      #expect(fleet.endpoints.map(\.host) == ["web2", "web3", "web2:8081"])
      try FileManager.default.removeItem(at: file)
      #expect(await ask(&fleet, after: 30).count == 1)
      #expect(fleet.endpoints.count == 3)
    }
  }

  @Test func `the addresses of a name are the hosts`() async throws {
    let names: NameResolver.LookUp = { name in
      name == "tasks.cadvisor"
        ? .success(["10.0.0.7", "10.0.0.6"]) : .failure(.unknown("no such name"))
    }
    try await withFleet(
      #"[{"dns": {"name": "tasks.cadvisor", "port": 8080}}, {"dns": {"name": "none", "port": 1}}]"#,
      names: names
    ) { fleet in
      let events = await ask(&fleet)
      #expect(fleet.endpoints.map(\.host) == ["10.0.0.6", "10.0.0.7"])
      guard case .findingFailed("name none, port 1", _, kept: 0)? = events.last else {
        Issue.record("\(events)")
        return
      }
    }
  }

  @Test func `loopback addresses of another machine's HAProxy are not this machine`() async throws {
    let servers = SeenServers(addresses: ["127.0.0.1", "10.0.0.2"])
    try await withFleet(
      #"[{"servers": {"port": 9100}}]"#, balancer: "tcp:10.0.0.9:9999"
    ) { fleet in
      _ = await ask(&fleet, servers: servers)
      #expect(fleet.endpoints.map(\.host) == ["10.0.0.2"])
    }
    try await withFleet(#"[{"servers": {"port": 9100}}]"#) { fleet in
      _ = await ask(&fleet, servers: servers)
      #expect(fleet.endpoints.map(\.host) == ["10.0.0.2", "127.0.0.1"])
    }
  }

  @Test func `a host that cannot be asked says why, whenever it is read`() async throws {
    let file = FileManager.default.temporaryDirectory
      .appending(path: "evenkeel-targets-\(UUID().uuidString).yml")
    defer { try? FileManager.default.removeItem(at: file) }
    let token = FileManager.default.temporaryDirectory
      .appending(path: "evenkeel-token-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: token) }
    try Data("secret".utf8).write(to: token)
    try Data(
      """
      - targets: [web1:8080]
      - targets: [web2:8080]
        labels: {__scheme__: http}
      - targets: [web3:8080]
        labels: {__metrics_path__: "/x?token=HUSH"}
      """.utf8
    ).write(to: file)
    let sources = #"[{"file": "\#(file.path)", "scheme": "https", "token_file": "\#(token.path)"}]"#
    try await withFleet(sources) { fleet in
      _ = await ask(&fleet)
      #expect(fleet.endpoints.map(\.host) == ["web1", "web2", "web3"])
      for (number, words) in [(1, "the credentials are for https"), (2, "no URL")] {
        let failure = await #expect(throws: PortFailure.self) {
          _ = try await fleet.endpoints[number].read()
        }
        #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
        #expect(failure?.message.contains("HUSH") == false)
      }
    }
  }

  @Test func `a host that is listed is read as it is listed`() async throws {
    try await withFleet(
      #"[{"servers": {"port": 8080}}, {"url": "http://10.0.0.1:9999", "host": "10.0.0.1"}]"#
    ) { fleet in
      _ = await ask(&fleet, servers: SeenServers(addresses: ["10.0.0.1", "10.0.0.2"]))
      #expect(fleet.endpoints.map(\.name) == ["http://10.0.0.1:9999", "http://10.0.0.2:8080"])
    }
  }

  @Test func `after a reload the hosts of before are there until they are asked for`() async throws
  {
    let sources = #"{"servers": {"port": 8080}}"#
    try await withFleet(sources) { old in
      _ = await ask(&old, servers: SeenServers(addresses: ["10.0.0.1"]))
      try await withFleet(sources) { new in
        new.inherit(from: old)
        _ = await ask(&new)
        #expect(new.endpoints.map(\.name) == ["http://10.0.0.1:8080"])
      }
    }
  }

  @Test(arguments: [
    (#"{"servers": {}}"#, "sources.servers.port: is missing"),
    (#"[{"servers": {"port": 0}}]"#, "sources[0].servers.port: must be a whole number"),
    (#"[{"file": "a", "dns": {"name": "b", "port": 1}}]"#, "sources[0]: finds hosts by `file`"),
    (#"[{"file": "a"}, {"file": "a"}]"#, "sources[1]: finds the same hosts as sources[0]"),
    (#"[{"http_sd": "ftp://a"}]"#, "sources[0].http_sd: is no URL"),
    (#"[{"servers": {"port": 1}, "url": "http://a"}]"#, "sources[0].url: is no key"),
    (#"[{"servers": {"port": 1}, "path": "metrics"}]"#, "sources[0].path: `metrics` is no path"),
    (#"[{"servers": {"port": 1}, "ca_file": "a"}]"#, "sources[0].ca_file: has no use with http"),
    (#"[{"servers": {"port": 1}, "names": {}}]"#, "sources[0].names: has no use with cadvisor"),
    (#"[{"servers": {"port": 1}, "username": "a"}]"#, "sources[0].password_file: is missing"),
    ("[]", "sources: must not be empty"),
  ])
  func `what is wrong with finding hosts is named with its place`(
    sources: String, complaint: String
  ) {
    let text = """
      {"sources": \(sources), "balancers": [{"address": "unix:/a"}],
       "backends": [{"name": "shop"}]}
      """
    let complaints = ConfigurationText.complaints(text)
    #expect(
      complaints.count == 1 && complaints.first?.hasPrefix("config.json: \(complaint)") == true)
  }
}

extension ControlEvent {
  fileprivate var origin: String? {
    if case .hostsChanged(let origin, _, _, _) = self { origin } else { nil }
  }
}
