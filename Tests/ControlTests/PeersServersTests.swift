import Balancing
import Testing

@testable import Control

/// Which of the servers that a peer tells of are ours.
@Suite struct PeersServersTests {
  private static func server(
    _ name: ServerName, _ address: String? = nil, _ port: Int? = nil, arrived: Double = 1,
    rate: Double? = nil
  ) -> ServerReading {
    var server = ServerReading(
      name: name, address: address, port: port, state: .up, weight: Weight(clamping: 100),
      initialWeight: Weight(clamping: 100),
      requests: RequestCounters(arrived: arrived, done: arrived, inFlight: 0))
    server.lesson = ServerReading.Lesson(requestsPerSecond: rate)
    return server
  }

  private static let own = PeersServers([
    server("a", "10.0.0.1", 80), server("b", "10.0.0.1", 81), server("slot"),
    server("c", "10.0.0.3", 80),
  ])

  @Test(arguments: [
    (server("a", "10.0.0.1", 80), "a"), (server("web-1", "10.0.0.1", 80), "a"),
    // The names are crossed, the servers are not.
    (server("a", "10.0.0.1", 81), "b"),
    // Without an address, or without a port, the name tells.
    (server("a"), "a"), (server("a", "10.0.0.1"), "a"), (server("slot", "10.0.0.9", 80), "slot"),
    (server("x"), nil),
    // Another server under the same name.
    (server("c", "10.0.0.4", 80), nil), (server("c", "10.0.0.3", 8080), nil),
  ])
  func `a server is known by its address, and by its name where there is none`(
    told: ServerReading, name: String?
  ) {
    #expect(Self.own.own([told]).map(\.name.text) == [name].compactMap(\.self))
  }

  @Test func `one server that a peer has on two balancers is put together`() {
    let own = Self.own.own([
      Self.server("a", "10.0.0.1", 80, arrived: 5, rate: 2), Self.server("x", "10.0.0.9", 80),
      Self.server("web-1", "10.0.0.1", 80, arrived: 7, rate: 3),
    ])
    #expect(own.map(\.requests.arrived) == [12])
    #expect(own.first?.lesson?.requestsPerSecond == 5)
    let half = Self.own.own([
      Self.server("a", "10.0.0.1", 80, rate: 2), Self.server("web-1", "10.0.0.1", 80),
    ])
    #expect(half.count == 1)
    #expect(half.first?.lesson?.requestsPerSecond == nil)
  }

  @Test func `ten thousand servers are found in a moment`() {
    let servers = (0..<10_000).map {
      Self.server(ServerName("s\($0)"), "10.0.\($0 / 250).\($0 % 250)", 80)
    }
    let began = ContinuousClock.now
    let own = PeersServers(servers).own(servers)
    #expect(own.count == 10_000)
    #expect(ContinuousClock.now - began < .seconds(2))
  }
}

/// A peer that has two names.
@Suite struct PeerIdentitiesTests {
  private static func outcome(_ name: BalancerName, teller: String?) -> BalancerOutcome {
    let server = ServerReading(
      name: "s1", state: .up, weight: Weight(clamping: 1), initialWeight: Weight(clamping: 1),
      requests: RequestCounters(arrived: 1, done: 1, inFlight: 0))
    var reading = BalancerReading(
      process: ProcessIdentity(pid: 1, startedAtSeconds: 1), isStopping: false,
      backends: [
        "shop": BackendReading(algorithm: .dynamic(.rate), algorithmName: "", servers: [server])
      ])
    reading.teller = teller
    return BalancerOutcome(
      balancer: name, isPeer: true, receivedAt: Timestamp(nanoseconds: 0),
      answer: teller == nil
        ? .failure(PortFailure(.unreachable, "\(name) does not answer")) : .success(reading))
  }

  private static func counts(_ outcomes: [BalancerOutcome]) -> [Int?] {
    outcomes.map { outcome in
      guard case .success(let reading) = outcome.answer else { return nil }
      return reading.backends["shop"]?.servers.count
    }
  }

  @Test func `one peer under two names counts once, by whichever name answers`() {
    var identities = PeerIdentities()
    func look(_ names: [BalancerName: String?]) -> [Int?] {
      Self.counts(
        identities.countOnce(
          names.sorted { $0.key < $1.key }.map { Self.outcome($0.key, teller: $0.value) },
          peers: ["a", "b", "c"]))
    }
    #expect(look(["a": "one", "b": "one", "c": "two"]) == [1, 0, 1])
    // Its counters go on under the first name, so that no demand stands beside them.
    #expect(look(["a": nil, "b": "one", "c": "two"]) == [1, 0, 1])
    #expect(look(["a": "one", "b": nil, "c": "two"]) == [1, nil, 1])
    #expect(look(["a": nil, "b": nil, "c": "two"]) == [nil, nil, 1])
    // It has begun anew, and is one again as soon as both names have told.
    #expect(look(["a": "three", "b": "three", "c": "two"]) == [1, 0, 1])
  }
}
