import Balancing
@testable import Control
import TestSupport
import Testing

/// When the containers that are no servers are left alone.
struct OtherContainersTests {
  private static func time(_ seconds: Double) -> Timestamp {
    Timestamp(nanoseconds: 1_700_000_000_000_000_000).advanced(bySeconds: seconds)
  }

  /// A host of 4 cores with a server and others, which was read twice.
  private static func track(
    others: Int = 20, busyCores: Double = 1, cores: Double? = 4, readings: Int = 2,
    hasTwin: Bool = false,
    _ change: (inout ContainerReading) -> Void = { _ in }
  ) -> HostTrack {
    var track = HostTrack()
    for reading in 0..<readings {
      let seconds = 10 * Double(reading)
      func sample(_ cores: Double) -> CPUSample {
        CPUSample(timestamp: time(seconds), cpuNanoseconds: UInt64(cores * seconds * 1e9))
      }
      var server = ContainerReading(
        id: "server", aliases: ["api-1"], labels: [:], sample: sample(0.5), quotaCores: 1)
      change(&server)
      let containers = (0..<others).map {
        ContainerReading(
          id: "other-\($0)", aliases: ["other-\($0)"], labels: [:], sample: sample(0),
          quotaCores: nil)
      }
      var twin = server
      twin.id = "twin"
      _ = track.take(
        HostReading(
          answeredAt: nil, cores: cores, hostSample: sample(busyCores),
          containers: containers + [server] + (hasTwin ? [twin] : [])),
        receivedAt: time(seconds))
    }
    return track
  }

  @Test func `those that are servers are enough on a host with room for others`() {
    #expect(Self.track().isEnough(["server"]))
    #expect(Self.track().isEnough([]))
  }

  @Test func `on a host without a server none is asked for, however busy or small it is`() {
    #expect(Self.track(busyCores: 3.9).isEnough([]))
    #expect(Self.track(others: 2, cores: nil, readings: 1).isEnough([]))
    var silent = Self.track()
    _ = silent.takeSilence()
    #expect(!silent.isEnough([]))
  }

  @Test func `all are asked for where others may change what is decided`() {
    let ours: Set = ["server"]
    #expect(!Self.track(busyCores: 2.1).isEnough(ours), "a busy host")
    #expect(!Self.track(cores: nil).isEnough(ours), "a host of unknown size")
    #expect(!Self.track(readings: 1).isEnough(ours), "of unknown use")
    #expect(!Self.track().isEnough(["server", "gone"]), "a server that is not there")
    let shared = Self.track { $0.sharedLimit = SharedLimit(id: "/slice", cores: 2) }
    #expect(!shared.isEnough(ours))
    #expect(!Self.track { $0.pinnedCPUs = [0, 1] }.isEnough(ours))
    #expect(!Self.track { $0.flaw = "its limit is not known" }.isEnough(ours))
    #expect(!Self.track { $0.isWholeHost = true }.isEnough(ours))
    var silent = Self.track()
    _ = silent.takeSilence()
    #expect(!silent.isEnough(ours))
    let id = String(repeating: "a", count: 64)
    let twins = Self.track(hasTwin: true) { $0.aliases = ["api-1", id] }
    #expect(!twins.isEnough(ours))
  }

  @Test func `all are asked for where that costs no more`() {
    #expect(Self.track(others: 15).isEnough(["server"]))
    #expect(!Self.track(others: 14).isEnough(["server"]))
    #expect(!Self.track(others: 30).isEnough(["server", "other-0"]))
    #expect(Self.track(others: 31).isEnough(["server", "other-0"]))
  }

  /// Two servers on hosts with many other containers.
  private static func cluster(demand: [BalancerName: Double] = ["lb1": 100]) -> FakeCluster {
    let cluster = FakeCluster(
      servers: [
        FakeCluster.Server("a", host: "web1", quotaCores: 1),
        FakeCluster.Server("b", host: "web2", quotaCores: 2),
      ], demand: demand)
    cluster.change { $0.bystanders = 30 }
    return cluster
  }

  @Test func `a fleet is levelled as before while servers alone are asked for`() async {
    let cluster = Self.cluster()
    var controller = cluster.controller()
    let reports = await cluster.run(&controller, ticks: 8)
    #expect(cluster.spread < 1.05)
    let asked = cluster.snapshot.asked["web2"] ?? []
    #expect(asked.prefix(2) == [nil, nil])
    #expect(asked.dropFirst(2).allSatisfy { $0 == ["/docker/b"] })
    #expect(reports.last?.snapshot.endpoints.map(\.containers) == [31, 31])
  }

  /// The same, of which the first server takes no traffic and has no container.
  private static func clusterWithSlot() -> FakeCluster {
    let cluster = cluster()
    cluster.change { state in
      state.servers[0].isListed = false
      state.servers[0].state = .maintenance
    }
    return cluster
  }

  /// What the hosts were asked since the last look at it.
  private static func asked(_ cluster: FakeCluster) -> [HostName: [Set<String>?]] {
    cluster.change { state in
      defer { state.asked = [:] }
      return state.asked
    }
  }

  @Test func `a server that is nowhere is looked for everywhere, after a minute once in a minute`()
    async
  {
    let cluster = Self.cluster()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 4)
    cluster.change { $0.servers[0].isListed = false }
    await cluster.run(&controller, ticks: 1)
    _ = Self.asked(cluster)
    await cluster.run(&controller, ticks: 5)
    #expect(Self.asked(cluster)["web2"] == Array(repeating: nil, count: 5))
    await cluster.run(&controller, ticks: 1)
    _ = Self.asked(cluster)
    await cluster.run(&controller, ticks: 12)
    #expect(Self.asked(cluster)["web2"]?.count { $0 == nil } == 2)

    cluster.change { $0.servers[0].isListed = true }
    await cluster.run(&controller, ticks: 8)
    #expect(cluster.snapshot.asked["web1"]?.last == ["/docker/a"])
  }

  @Test func `a server that is new is found in the tick in which it is up`() async {
    let cluster = Self.clusterWithSlot()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 5)
    cluster.change { state in
      state.servers[0].isListed = true
      state.servers[0].state = .up
    }
    _ = Self.asked(cluster)
    let report = await cluster.run(&controller, ticks: 1)[0]
    // It rested, and all of it is read for the server.
    #expect(Self.asked(cluster)["web1"] == [nil])
    #expect(
      !report.events.contains {
        if case .serverHolds(_, "a", .unmatched) = $0 { true } else { false }
      })
    #expect(report.snapshot.endpoints.map(\.containers) == [31, 31])
    await cluster.run(&controller, ticks: 1)
    #expect(Self.asked(cluster)["web1"] == [["/docker/a"]])
  }

  @Test(arguments: [false, true])
  func `while no balancer answers servers go on being asked for`(hasPeer: Bool) async {
    let cluster = Self.cluster(demand: hasPeer ? ["lb1": 100, "peer": 10] : ["lb1": 100])
    var settings = cluster.settings()
    if hasPeer { (settings.peers, settings.readOnlyBalancers) = (["peer"], ["peer"]) }
    var controller = cluster.controller(settings)
    await cluster.run(&controller, ticks: 4)
    cluster.change { $0.balancers["lb1"]?.failure = PortFailure(.unreachable, "gone") }
    await cluster.run(&controller, ticks: 1)
    _ = Self.asked(cluster)
    await cluster.run(&controller, ticks: 3)
    #expect(Self.asked(cluster)["web2"] == Array(repeating: ["/docker/b"], count: 3))
    cluster.change { $0.balancers["lb1"]?.failure = nil }
    let reports = await cluster.run(&controller, ticks: 1)
    #expect(reports[0].snapshot.backends[0].servers.allSatisfy { $0.condition == .live })
  }

  @Test func `a server that takes no traffic is no reason to look for it`() async {
    let cluster = Self.clusterWithSlot()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 5)
    #expect(cluster.snapshot.asked["web1"]?.last == .some([]))
  }
}
