import Balancing
import Control
import Dispatch
import HAProxyTestSupport
import NIOPosix
import Names
import Synchronization
import Testing

@testable import EvenkeelDaemon

/// One name that the resolver does not answer for.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct SilentNameTests {
  /// A system that knows `web1.up` and `lb2.up` by these addresses, and is silent about the rest.
  private final class System: Sendable {
    let known: [String: String]
    /// Ends with the first signal: whoever is let on lets the next on.
    private let silence = DispatchSemaphore(value: 0)
    private let asked = Mutex(0)

    init(_ known: [String: String]) { self.known = known }

    var questions: Int { asked.withLock { $0 } }
    func end() { silence.signal() }

    var resolver: NameResolver {
      NameResolver { [self] name in
        asked.withLock { $0 += 1 }
        if let address = known[name] { return .success([address]) }
        silence.wait()
        silence.signal()
        return .failure(.unanswered("Temporary failure in name resolution"))
      }
    }
  }

  @Test func `names that are answered for are read in every tick, the others said not to be`()
    async throws
  {
    let time = HandTime()
    let cadvisor = try await ScriptedCAdvisor(
      machine: ScriptedMachine(containers: ["a"], time: time))
    try await cadvisor.start()
    let place = cadvisor.place
    let tcp = try await FreePort.reserve()
    let more = "global\n  stats socket ipv4@\(tcp.host):\(tcp.port) level admin"
    try await RealHAProxy.run(RealHAProxy.sections(more: more)) { _ in
      let system = System(["web1.up": place.host, "lb2.up": tcp.host])
      let dead = (0..<5).map { #""http://web\#($0).silent:8080""# }.joined(separator: ", ")
      let configuration = try ConfigurationText.parse(
        ConfigurationText.small(
          #", "interval": "2s""#,
          cadvisors: #"["http://web1.up:\#(place.port)", \#(dead)]"#,
          balancers: """
            [{"name": "lb2", "address": "tcp:lb2.up:\(tcp.port)"},
             {"name": "lb3", "address": "tcp:lb3.silent:9999"}]
            """,
          backends: #"[{"name": "web", "match": "address"}]"#))
      let fleet = try await Fleet.open(
        configuration, file: "test", clock: SteadyClock(), resolver: system.resolver)
      do {
        try await Self.look(at: fleet, of: time, address: place.host)
      } catch {
        // Whatever was found, its connections are closed.
        Issue.record(error)
      }
      #expect(system.questions == 8, "one look-up for each name, however often it is asked for")
      system.end()
      await fleet.close()
    }
    try await cadvisor.stop()
  }

  private static func look(at fleet: Fleet, of time: HandTime, address: String) async throws {
    let poller = FleetPoller(clock: ContinuousClock(), now: { time.now })
    for _ in 0..<4 {
      let reading = await poller.poll(
        endpoints: fleet.endpoints, balancers: fleet.balancers, peers: [],
        backends: fleet.settings.backendsByBalancer, pace: Pace(interval: .seconds(10)))
      let host = try #require(reading.endpoints.first).answer.get()
      #expect(host.containers.count == 1)
      #expect(host.addresses == ["web1.up", address])
      for outcome in reading.endpoints.dropFirst() {
        guard case .failure(let failure) = outcome.answer else {
          Issue.record("\(outcome)")
          continue
        }
        #expect(failure.message.contains("is not resolved (no answer from the name server"))
      }
      #expect(try reading.balancers[0].answer.get().backends.keys.map(\.text) == ["web"])
      #expect(reading.balancers[1].failure?.message.contains("name is not resolved") == true)
    }
  }
}
