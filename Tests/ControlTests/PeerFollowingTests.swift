import Balancing
import Testing

@testable import Control

/// What is made of what peers tell.
@Suite struct PeerFollowingTests {
  private static let now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)
  private static let process = ProcessIdentity(pid: 1, startedAtSeconds: 1)

  private static func reading(
    _ weights: [(ServerName, String?, Int)], costs: [ServerName: ToldCost] = [:]
  ) -> BackendReading {
    BackendReading(
      algorithm: .dynamic(.rate), algorithmName: "roundrobin",
      servers: weights.map { name, address, weight in
        var server = ServerReading(
          name: name, address: address, port: 80, state: .up, weight: Weight(clamping: weight),
          initialWeight: Weight(clamping: 100),
          requests: RequestCounters(arrived: 0, done: 0, inFlight: 0))
        server.lesson = ServerReading.Lesson(cost: costs[name])
        return server
      })
  }

  private static func input(_ readings: [BalancerName: BackendReading]) async
    -> BackendControl.Input
  {
    BackendControl.Input(
      readings: readings.mapValues { .backend($0, process, .sameProcess) }, readOnly: ["peer"],
      peers: ["peer"], identities: ["peer": "a"], ownIdentity: "b",
      samples: await SampleStore().view,
      now: now, intervalSeconds: 10, watchSeconds: 5)
  }

  private static func plan(_ shares: [ServerName: Double]) -> Plan {
    Plan(
      verdict: .level,
      servers: shares.sorted { $0.key < $1.key }.map {
        ServerPlan(name: $0.key, target: .share($0.value))
      })
  }

  private struct AnyName: NamePattern {
    var source: String { ".*" }
    func groups(atStartOf name: String) -> [String?]? { [name] }
  }

  private static let settings = BackendSettings(
    name: "shop", balancers: ["own", "peer"], matching: MatchingRules(pattern: AnyName()))

  @Test func `a peer's servers get our names, and what it learned most of is heard`() async {
    var input = await Self.input([
      "own": Self.reading([("a", "10.0.0.1", 100), ("b", "10.0.0.2", 100)]),
      "peer": Self.reading(
        [("x", "10.0.0.1", 50), ("y", "10.0.0.9", 50)],
        costs: ["x": ToldCost(secondsPerRequest: 0.1, requests: 40, ageSeconds: 1)]),
    ])
    var following = PeerFollowing()
    let told = following.hear(&input.readings, own: ["own"], peers: ["peer"])
    #expect(told.mapValues(\.requests) == ["a": 40])
    #expect(input.readings["peer"]?.backend?.servers.map(\.name) == ["a"])
    #expect(input.readings["own"]?.backend?.servers.map(\.name) == ["a", "b"])
  }

  @Test func `without peers nothing is heard or written`() async {
    var input = await Self.input(["own": Self.reading([("a", "10.0.0.1", 100)])])
    var following = PeerFollowing()
    let told = following.hear(&input.readings, own: ["own"], peers: [])
    #expect(told.isEmpty)
    following.look(at: [])
    #expect(!following.haveWritten)
  }

  @Test func `that a peer wrote is known for the look in which its weights are others`() async {
    var following = PeerFollowing()
    for (weight, haveWritten) in [(100, true), (100, false), (90, true), (90, false)] {
      let input = await Self.input([
        "own": Self.reading([("a", nil, 1)]), "peer": Self.reading([("a", nil, weight)]),
      ])
      following.look(at: input.read(["own", "peer"]).peers)
      #expect(following.haveWritten == haveWritten, "\(weight)")
    }
  }

  @Test func `of what peers have only our servers are weighed`() async {
    let input = await Self.input([
      "own": Self.reading([("a", nil, 100)]), "peer": Self.reading([("a", nil, 1), ("z", nil, 1)]),
    ])
    let read = input.read(["own", "peer", "silent"])
    #expect(read.map(\.name) == ["own", "peer"])
    #expect(read.peers.flatMap { $0.backend.servers.map(\.name) } == ["a"])
    #expect(read.own.map(\.name) == ["own"])
  }

  /// Requests a second of the two, and whether ours follow.
  @Test(arguments: [(10.0, 10.0, true), (10, 8, true), (10, 6, false), (0, 10, true)])
  func `the first of those with about the most demand is followed`(
    own: Double, peer: Double, follows: Bool
  ) async {
    let input = await Self.input([
      "own": Self.reading([("a", nil, 100), ("b", nil, 100)]),
      "peer": Self.reading([("a", nil, 100), ("b", nil, 200)]),
    ])
    var following = PeerFollowing()
    following.look(at: input.read(["own", "peer"]).peers)
    var demand = BalancerDemand()
    demand.observe(["own": own, "peer": peer], at: Self.now)
    let weights = following.weightsToFollow(
      Self.plan(["a": 1, "b": 2]), ["a": Weight(clamping: 100), "b": Weight(clamping: 100)],
      Self.settings, input, demand)
    #expect(
      weights == (follows ? ["a": Weight(clamping: 100), "b": Weight(clamping: 200)] : nil))
  }

  @Test func `weights that are not as planned, or ours already, are not followed`() async {
    let input = await Self.input([
      "own": Self.reading([("a", nil, 50), ("b", nil, 100)]),
      "peer": Self.reading([("a", nil, 100), ("b", nil, 200)]),
    ])
    var following = PeerFollowing()
    following.look(at: input.read(["own", "peer"]).peers)
    let standing: [ServerName: Weight] = ["a": Weight(clamping: 50), "b": Weight(clamping: 100)]
    for shares in [["a": 1.0, "b": 2.0], ["a": 2, "b": 1]] as [[ServerName: Double]] {
      #expect(
        following.weightsToFollow(
          Self.plan(shares), standing, Self.settings, input, BalancerDemand()) == nil)
    }
  }
}
