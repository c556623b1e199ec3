import Balancing
@testable import Control
import TestSupport
import Testing

/// Who is who: slots, servers born again, containers that serve several backends.
@Suite struct IdentityTests {
  private static func reading(
    _ name: ServerName, address: String? = nil, weight: Int = 100, initial: Int = 100
  ) -> ServerReading {
    ServerReading(
      name: name, address: address, state: .up, weight: Weight(clamping: weight),
      initialWeight: Weight(clamping: initial),
      requests: RequestCounters(arrived: 0, done: 0, inFlight: 0))
  }

  private static func servers(_ readings: [ServerReading]) -> [BackendServers.Server] {
    let backend = BackendReading(
      algorithm: .dynamic(.rate), algorithmName: "roundrobin", servers: readings)
    return BackendServers([("lb1", backend)]).servers
  }

  @Test func `a slot that gets another address is another server`() {
    var book = AddressBook()
    let first = book.update(Self.servers([Self.reading("a", address: "10.0.0.1")]))
    let same = book.update(Self.servers([Self.reading("a", address: "10.0.0.1")]))
    // While it has none it may come back as it was.
    let empty = book.update(Self.servers([Self.reading("a")]))
    let back = book.update(Self.servers([Self.reading("a", address: "10.0.0.1")]))
    let silent = book.update([])
    let moved = book.update(Self.servers([Self.reading("a", address: "10.0.0.2")]))
    #expect([first, same, empty, back, silent] == [[], [], [], [], []])
    #expect(moved == ["a"])
  }

  @Test func `a server that was deleted and added again is no foreign writer's work`() {
    var ledger = WeightLedger()
    func look(_ reading: ServerReading, _ tick: Int) -> [WeightLedger.Interference] {
      ledger.observe([reading], on: "lb1", process: .sameProcess, interval: tick)
    }
    #expect(look(Self.reading("a"), 1).isEmpty)
    #expect(look(Self.reading("a", weight: 1, initial: 1), 2).isEmpty)
    #expect(
      look(Self.reading("a", weight: 7, initial: 1), 3)
        == [.changedByOthers("a", from: Weight(clamping: 1), to: Weight(clamping: 7))])
  }

  @Test func `a server born with weight 1 is brought to scale step by step`() async {
    let cluster = FakeCluster(
      servers: (1...4).map { FakeCluster.Server(ServerName("shop-\($0)"), quotaCores: 0.5) },
      demand: ["lb1": 100])
    cluster.setWeight(1, of: "shop-4")
    var controller = cluster.controller()
    var weights: [Int] = []
    for _ in 0..<12 {
      _ = await controller.tick()
      cluster.advance(by: 10)
      weights.append(cluster.weight("shop-4") ?? 0)
    }
    #expect(cluster.spread < 1.1)
    #expect(weights.contains { $0 > 1 && $0 < 60 })
    #expect(zip(weights, weights.dropFirst()).allSatisfy { $0 <= $1 + 10 })
  }

  @Test func `what a container does for two backends is counted together, or not known`() throws {
    let both = ContainerKey(host: "web1", id: "/docker/1", alias: "shop-1")
    let one = ContainerKey(host: "web1", id: "/docker/2", alias: "shop-2")
    func backend(
      _ counters: [ServerName: RequestCounters]?, _ containers: [ServerName: ContainerKey]
    ) -> (matches: [ServerName: Match], counters: [ServerName: RequestCounters]?) {
      (containers.mapValues { .container($0, .alias) }, counters)
    }
    let counters = RequestCounters(arrived: 10, done: 8, failed: 1, inFlight: 2, tried: 12)
    let shop = backend(["a": counters, "b": counters], ["a": both, "b": one])
    let work = ContainerWork([shop, backend(["x": counters], ["x": both])])
    let sum = try #require(work[both]?.counters)
    #expect(sum == RequestCounters(arrived: 20, done: 16, failed: 2, inFlight: 4, tried: 24))
    #expect(work[one] == nil)
    // One of the two cannot be read: a part of the work is not known, so none of it is.
    let silent = ContainerWork([shop, backend(nil, ["x": both])])
    let shared = try #require(silent[both])
    #expect(shared.counters == nil)
  }
}
