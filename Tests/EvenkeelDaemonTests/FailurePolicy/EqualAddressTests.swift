import Balancing
import Control
import HAProxyTestSupport
import NIOCore
import Testing

@testable import EvenkeelDaemon

extension FailurePolicy {
  /// Docker hosts whose bridges give out the same addresses.
  @Suite struct EqualAddressTests {
    private static let servers = """
      backend web
        server a 172.17.0.2:80 weight 100
        server b 172.17.0.3:80 weight 100
      """

    /// An engine on another machine, as its many cores tell, unless it is on this one.
    private static func engine(
      _ stem: Character, _ addresses: [Int: String], isHere: Bool = false
    ) -> ScriptedEngine {
      var engine = ScriptedEngine(containers: addresses.count)
      engine.addresses = addresses
      engine.stem = String(repeating: stem, count: 61)
      if !isHere { engine.cores = addresses.mapValues { _ in 100_000 } }
      return engine
    }

    private struct Hosts {
      let sockets: [String]
      let time: HandTime
      var controller: FleetController

      mutating func tick() async -> TickReport {
        time.advance(bySeconds: 10)
        return await controller.tick()
      }
    }

    private func run(_ body: (inout Hosts) async throws -> Void) async throws {
      try await RealHAProxy.run(Self.servers) { haproxy in
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let sockets = ["one", "two"].map { "\(folder.path)/\($0)" }
        let sources = zip(["one", "two"], sockets).map {
          #"{"url": "unix:\#($1)", "host": "\#($0)"}"#
        }
        let configuration = try ConfigurationText.parse(
          """
          {"sources": [\(sources.joined(separator: ", "))], "balancers": [\(haproxy.balancer())],
           "backends": [{"name": "web", "match": "address"}]}
          """)
        let fleet = try await Fleet.open(
          configuration, file: ConfigurationText.file, clock: SteadyClock())
        let time = HandTime()
        var hosts = Hosts(
          sockets: sockets, time: time,
          controller: FleetController(
            settings: fleet.settings, endpoints: fleet.endpoints, balancers: fleet.balancers,
            now: { time.now }))
        let outcome: Result<Void, any Error>
        do {
          outcome = .success(try await body(&hosts))
        } catch {
          outcome = .failure(error)
        }
        await fleet.close()
        try outcome.get()
      }
    }

    private func match(_ report: TickReport, _ server: ServerName) throws -> Match {
      try #require(report.status(of: server)).match
    }

    @Test func `a server waits until every host that may have its address is read`() async throws {
      try await run { hosts in
        let one = try await Self.engine("1", [1: "172.17.0.2"]).listen(at: hosts.sockets[0])
        let doubted = await hosts.tick()
        #expect(try match(doubted, "a").container == nil)
        #expect(
          doubted.status(of: "a")?.condition.description == """
            api-1 on one has its address, and so may a container of a host that has not answered yet
            """)
        #expect(doubted.status(of: "b")?.condition == .hostsUnread)
        let two = try await Self.engine("2", [1: "172.17.0.9", 2: "172.17.0.3"])
          .listen(at: hosts.sockets[1])
        let read = await hosts.tick()
        #expect(try match(read, "a").container?.host == "one")
        #expect(try match(read, "b").container?.host == "two")
        // What was read once is known on.
        try await two.close()
        let lost = await hosts.tick()
        #expect(try match(lost, "a").container?.host == "one")
        try await one.close()
      }
    }

    @Test func `a host that is dead from the start holds the others' servers for five minutes`()
      async throws
    {
      try await run { hosts in
        let one = try await Self.engine("1", [1: "172.17.0.2"]).listen(at: hosts.sockets[0])
        for _ in 0..<30 {
          #expect(try match(await hosts.tick(), "a").container == nil)
        }
        #expect(try match(await hosts.tick(), "a").container?.host == "one")
        try await one.close()
      }
    }

    @Test func `what two other machines have stays doubtful`() async throws {
      try await run { hosts in
        let one = try await Self.engine("1", [1: "172.17.0.2"]).listen(at: hosts.sockets[0])
        let two = try await Self.engine("2", [1: "172.17.0.2"]).listen(at: hosts.sockets[1])
        let report = await hosts.tick()
        guard case .ambiguous(let keys, .address) = try match(report, "a") else {
          Issue.record("\(try match(report, "a"))")
          return
        }
        #expect(keys.map(\.host) == ["one", "two"])
        try await one.close()
        try await two.close()
      }
    }

    @Test func `a container of HAProxy's own machine has the address, whoever else has it`()
      async throws
    {
      try await run { hosts in
        let here = try await Self.engine("2", [1: "172.17.0.2"], isHere: true)
          .listen(at: hosts.sockets[1])
        #expect(try match(await hosts.tick(), "a").container?.host == "two")
        let other = try await Self.engine("1", [1: "172.17.0.2"]).listen(at: hosts.sockets[0])
        #expect(try match(await hosts.tick(), "a").container?.host == "two")
        try await here.close()
        try await other.close()
      }
    }
  }
}
