import Balancing
import Control
import TestSupport
import Testing

@Suite struct BrakeTests {
  private static let start = Timestamp(nanoseconds: 1_000_000_000_000)

  private static func pause(forSeconds seconds: Double?) -> Brake.Pause {
    Brake.Pause(
      since: start, until: seconds.map { start.advanced(bySeconds: $0) }, by: "root")
  }

  @Test func `a pause holds what it names, and ends by itself`() {
    var brake = Brake()
    brake.pause(.backend("shop"), Self.pause(forSeconds: 60))
    brake.pause(.server("api", "s2"), Self.pause(forSeconds: nil))
    #expect(brake.share(of: "shop").isPaused && brake.share(of: "shop").holds("any"))
    #expect(!brake.share(of: "api").isPaused)
    #expect(brake.share(of: "api").holds("s2") && !brake.share(of: "api").holds("s1"))
    #expect(brake.end(at: Self.start.advanced(bySeconds: 59)).isEmpty)
    #expect(brake.end(at: Self.start.advanced(bySeconds: 60)) == [.backend("shop")])
    #expect(brake.end(at: Self.start.advanced(bySeconds: 1e9)).isEmpty)
    #expect(Set(brake.pauses.keys) == [.server("api", "s2")])
  }

  @Test func `to resume ends what is within, and nothing beside it`() {
    var brake = Brake()
    let scopes: [Brake.Scope] = [
      .backend("shop"), .server("shop", "a"), .server("shop", "b"), .server("api", "a"),
    ]
    for scope in scopes { brake.pause(scope, Self.pause(forSeconds: nil)) }
    #expect(brake.resume(.server("shop", "a")) == [.server("shop", "a")])
    #expect(brake.resume(.backend("shop")) == [.backend("shop"), .server("shop", "b")])
    #expect(brake.resume(.backend("shop")).isEmpty)
    #expect(brake.resume(.all) == [.server("api", "a")])
  }

  @Test func `of two pauses the one that lasts longer is shown`() {
    var brake = Brake()
    brake.pause(.all, Self.pause(forSeconds: 60))
    brake.pause(.backend("shop"), Self.pause(forSeconds: 30))
    #expect(brake.pause(of: "shop") == Self.pause(forSeconds: 60))
    brake.pause(.backend("shop"), Self.pause(forSeconds: nil))
    #expect(brake.pause(of: "shop") == Self.pause(forSeconds: nil))
    #expect(brake.pause(of: "api") == Self.pause(forSeconds: 60))
  }

  @Test func `a backend that is gone has no pause to come back to`() {
    var brake = Brake()
    brake.pause(.backend("shop"), Self.pause(forSeconds: nil))
    brake.pause(.all, Self.pause(forSeconds: nil))
    brake.keepOnly(["api"])
    #expect(Set(brake.pauses.keys) == [.all])
  }
}

/// The brake under the real tick, on a cluster in memory.
@Suite struct PausedFleetTests {
  private static func cluster() -> FakeCluster {
    FakeCluster(
      servers: [
        .init("a", quotaCores: 0.2), .init("b", quotaCores: 0.4), .init("c", quotaCores: 0.8),
      ], demand: ["lb1": 60])
  }

  private static func writes(_ cluster: FakeCluster) -> Int {
    cluster.snapshot.balancers["lb1"]?.writes.count ?? 0
  }

  @Test func `a paused backend learns all the same, and is level soon after`() async {
    let cluster = Self.cluster()
    var controller = cluster.controller()
    _ = controller.pause(.backend("shop"), forSeconds: nil, by: "root")
    let reports = await cluster.run(&controller, ticks: 8)
    #expect(Self.writes(cluster) == 0)
    let shop = reports.last?.snapshot.backends.first
    #expect(shop?.servers.allSatisfy { $0.costPerRequest != nil } == true)
    // What would be written is shown, as in mode observe.
    #expect(shop?.changes.isEmpty == false)
    #expect(controller.resume(.all, by: "root") == [.resumed(.backend("shop"), by: "root")])
    await cluster.run(&controller, ticks: 3)
    #expect(cluster.spread < 1.1)
  }

  @Test func `what a reload loses while it is paused is not put back`() async {
    let cluster = Self.cluster()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 6)
    #expect(Self.writes(cluster) > 0)
    _ = controller.pause(.all, forSeconds: nil, by: "root")
    cluster.reload()
    let writes = Self.writes(cluster)
    await cluster.run(&controller, ticks: 4)
    #expect(Self.writes(cluster) == writes)
    #expect(cluster.weight("a") == 100)
  }

  @Test func `what is paused is left as it is at the end too`() async {
    let cluster = Self.cluster()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 6)
    let standing = cluster.weight("a")
    _ = controller.pause(.server("shop", "a"), forSeconds: nil, by: "root")
    _ = await controller.giveBackWeights()
    #expect(cluster.weight("a") == standing && standing != 100)
    #expect(cluster.weight("b") == 100)
  }

  @Test func `what cannot be given back at the end is told, though it was lost before`() async {
    let cluster = Self.cluster()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 6)
    cluster.change { $0.balancers["lb1"]?.failure = PortFailure(.unreachable, "lb1: gone") }
    await cluster.run(&controller, ticks: 1)
    let restoration = await controller.giveBackWeights()
    #expect(restoration.failures.map(\.balancer) == ["lb1"])
    #expect(restoration.failures.map(\.failure.description) == ["lb1: gone"])
    #expect(restoration.events.isEmpty)
  }

  @Test func `nothing is restored to a weight of 0, or from one`() async {
    let cluster = Self.cluster()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 6)
    cluster.setWeight(0, of: "b")
    let restoration = await controller.restore(.all, forSeconds: 60, by: "root")
    #expect(cluster.weight("b") == 0)
    #expect(cluster.weight("a") == 100 && cluster.weight("c") == 100)
    #expect(restoration.written == restoration.wanted)
    #expect(
      restoration.events.first == .paused(.all, by: "root", seconds: 60, isRestored: true))
  }

  @Test func `a HAProxy that does not answer is named, and the pause holds all the same`() async {
    let cluster = Self.cluster()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 6)
    cluster.change { $0.balancers["lb1"]?.failure = PortFailure(.unreachable, "lb1: gone") }
    let restoration = await controller.restore(.backend("shop"), forSeconds: nil, by: "root")
    #expect(restoration.failures.map(\.balancer) == ["lb1"])
    #expect(restoration.failures.map(\.failure.description) == ["lb1: gone"])
    #expect(controller.brake.pause(of: "shop")?.isRestored == true)
  }
}
