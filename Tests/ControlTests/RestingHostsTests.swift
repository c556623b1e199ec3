import Balancing
import TestSupport
import Testing

@testable import Control

/// Hosts where nobody's server is.
@Suite struct RestingHostsTests {
  private static let fleet = (0..<100).map { HostName("web\($0)") }

  /// The hosts that are asked at each of the looks, which are ten seconds apart.
  private func asked(looks: Int, idle: Set<HostName>) -> [Set<HostName>] {
    var resting = RestingHosts()
    let start = Timestamp(nanoseconds: 1_600_000_000_000_000_000)
    return (0..<looks).map { look in
      let leftOut = resting.leftOut(
        of: Self.fleet, idle: idle, at: start.advanced(bySeconds: 10 * Double(look)))
      return Set(Self.fleet).subtracting(leftOut)
    }
  }

  @Test func `each is asked at first and then once in a minute, a part of them at a time`() {
    let asked = asked(looks: 25, idle: Set(Self.fleet))
    #expect(asked[0].count == 100)
    for look in asked[1...] { #expect((16...17).contains(look.count)) }
    for host in Self.fleet {
      #expect(asked[1...].count { $0.contains(host) } == 4, "\(host)")
    }
  }

  @Test func `those with servers never rest`() {
    let asked = asked(looks: 12, idle: Set(Self.fleet.dropFirst(10)))
    for look in asked { #expect(look.isSuperset(of: Self.fleet.prefix(10))) }
  }

  @Test func `whose server comes to it rests no more, and rests again when it is gone`() {
    var resting = RestingHosts()
    let start = Timestamp(nanoseconds: 1_600_000_020_000_000_000)
    #expect(resting.leftOut(of: ["a"], idle: ["a"], at: start).isEmpty)
    #expect(resting.leftOut(of: ["a"], idle: ["a"], at: start.advanced(bySeconds: 1)) == ["a"])
    #expect(resting.leftOut(of: ["a"], idle: [], at: start.advanced(bySeconds: 2)).isEmpty)
    #expect(resting.leftOut(of: ["a"], idle: ["a"], at: start.advanced(bySeconds: 3)) == ["a"])
    #expect(resting.leftOut(of: ["a"], idle: ["a"], at: start.advanced(bySeconds: 61)).isEmpty)
  }

  /// Two servers on a host each, and a third host.
  private static func cluster() -> FakeCluster {
    let cluster = FakeCluster(
      servers: [
        FakeCluster.Server("a", host: "web1", quotaCores: 1),
        FakeCluster.Server("b", host: "web2", quotaCores: 2),
        FakeCluster.Server("c", host: "web3", quotaCores: 2),
      ], demand: ["lb1": 100])
    cluster.change { state in
      state.bystanders = 30
      // It is nobody's container.
      state.servers[2].isListed = false
      state.servers[2].state = .maintenance
    }
    return cluster
  }

  @Test func `a host without servers is asked once in a minute, and shown as ever`() async {
    let cluster = Self.cluster()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 3)
    cluster.change { $0.asked = [:] }
    let reports = await cluster.run(&controller, ticks: 18)
    #expect(cluster.snapshot.asked["web3"]?.count == 3)
    #expect(cluster.snapshot.asked["web1"]?.count == 18)
    #expect(reports.allSatisfy { $0.snapshot.endpoints.map(\.containers) == [31, 31, 30] })
    #expect(
      !reports.flatMap(\.events).contains { if case .endpointLost = $0 { true } else { false } })
    #expect(reports.count { $0.snapshot.endpoints[2].wasAsked } == 3)
    #expect(reports.allSatisfy { $0.snapshot.endpoints[0].wasAsked })
  }

  @Test func `one that fails is told within a minute, and asked in every tick until it is back`()
    async throws
  {
    let cluster = Self.cluster()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 3)
    cluster.change { $0.endpointFailures["web3"] = PortFailure(.unreachable, "gone") }
    let reports = await cluster.run(&controller, ticks: 7)
    #expect(
      reports.flatMap(\.events).contains { if case .endpointLost = $0 { true } else { false } })
    cluster.change { $0.asked = [:] }
    await cluster.run(&controller, ticks: 3)
    #expect(cluster.snapshot.asked["web3"]?.count == 3)
    cluster.change { $0.endpointFailures["web3"] = nil }
    let back = await cluster.run(&controller, ticks: 1)
    #expect(
      back.flatMap(\.events).contains { if case .endpointBack = $0 { true } else { false } })
  }
}
