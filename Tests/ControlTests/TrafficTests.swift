import Balancing
import TestSupport
import Testing

@testable import Control

/// What the balancers say of a server's requests, put together.
@Suite struct TrafficTests {
  private func cluster(demand: [BalancerName: Double]) -> FakeCluster {
    FakeCluster(
      servers: [.init("a", quotaCores: 0.5), .init("b", host: "web2", quotaCores: 1)],
      demand: demand)
  }

  private func traffic(_ cluster: FakeCluster, ticks: Int = 3) async throws -> ServerStatus {
    var controller = cluster.controller()
    var report = await controller.tick()
    for _ in 0..<ticks {
      cluster.advance(by: 10)
      report = await controller.tick()
    }
    return try #require(report.snapshot.backends.first?.servers.first)
  }

  @Test func `queues of all balancers are one, and answers count by their requests`() async throws {
    let cluster = cluster(demand: ["lb1": 30, "lb2": 10])
    cluster.change {
      $0.balancers["lb1"]?.responseSeconds = 0.1
      $0.balancers["lb2"]?.responseSeconds = 0.5
      $0.balancers["lb1"]?.queued = 3
      $0.balancers["lb2"]?.queued = 4
    }
    let server = try await traffic(cluster)
    #expect(server.traffic.queued == 7)
    #expect(abs(try #require(server.traffic.responseSeconds) - 0.2) < 1e-9)
    #expect(server.traffic.failuresPerSecond == 0)
    #expect(try #require(server.traffic.requests).arrived > 0)
  }

  @Test func `without requests there is no response time, whatever was measured long ago`()
    async throws
  {
    let cluster = cluster(demand: ["lb1": 0])
    cluster.change { $0.balancers["lb1"]?.responseSeconds = 0.1 }
    #expect(try await traffic(cluster).traffic.responseSeconds == nil)
  }

  @Test func `what no balancer tells is not known`() async throws {
    let server = try await traffic(cluster(demand: ["lb1": 30]))
    #expect(server.traffic.queued == nil && server.traffic.responseSeconds == nil)
  }
}
