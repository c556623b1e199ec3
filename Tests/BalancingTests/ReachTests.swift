import TestSupport
import Testing

@testable import Balancing

/// How far plans go towards what each moment alone would want.
@Suite struct ReachTests {
  private func shares(_ configured: Double, _ planned: Double, _ momentary: Double)
    -> ReachMeter.Shares
  {
    ReachMeter.Shares(configured: configured, planned: planned, momentary: momentary)
  }

  @Test func `nothing is known before a plan, nor where the moment wants what is configured`() {
    var meter = ReachMeter()
    #expect(meter.reach == nil)
    meter.observe([shares(0.5, 0.5, 0.51), shares(0.5, 0.5, 0.49)], elapsed: 10)
    #expect(meter.reach == nil)
    meter.observe([shares(0, 0.5, 1), shares(0, 0.5, 0)], elapsed: 10)
    #expect(meter.reach == nil)
  }

  @Test(arguments: [(0.5, 0.0), (0.6, 0.5), (0.7, 1.0), (0.9, 1.0), (0.4, 0.0)])
  func `it is the part of the way that is planned`(planned: Double, part: Double) throws {
    var meter = ReachMeter()
    meter.observe([shares(0.5, planned, 0.7), shares(0.5, 1 - planned, 0.3)], elapsed: 10)
    #expect(isNear(try #require(meter.reach).part, part, 1e-9))
  }

  @Test func `what was planned long ago counts less, however often one looks`() throws {
    func part(_ elapsed: Double) throws -> Double {
      var meter = ReachMeter()
      for _ in 0..<Int(600 / elapsed) {
        meter.observe([shares(0.5, 0.7, 0.7), shares(0.5, 0.3, 0.3)], elapsed: elapsed)
      }
      for _ in 0..<Int(600 / elapsed) {
        meter.observe([shares(0.5, 0.5, 0.3), shares(0.5, 0.5, 0.7)], elapsed: elapsed)
      }
      return try #require(meter.reach).part
    }
    // 1 ÷ (1 + e)
    #expect(isNear(try part(1), 0.269, 0.01))
    #expect(isNear(try part(10), 0.269, 0.02))
  }

  /// Two hosts of four cores, of which others take three, now of the one and now of the other.
  private func reach(seconds: Int) throws -> Reach? {
    var cluster = FluidCluster(quotas: [4, 4], load: 0.2)
    cluster.servers[1].host = "h2"
    cluster.hosts["h2"] = FluidCluster.Host(cores: 4)
    var strategy = CapacityAlone()
    var plan: Plan?
    for tick in 0..<240 {
      let isFirst = tick * 10 / seconds % 2 == 0
      cluster.hosts["h1"]?.neighbours = isFirst ? 3 : 0
      cluster.hosts["h2"]?.neighbours = isFirst ? 0 : 3
      cluster.run(10)
      cluster.sample()
      var observation = cluster.observation()
      for index in observation.servers.indices { observation.servers[index].configuredShare = 0.5 }
      plan = strategy.plan(for: observation)
      _ = cluster.write(try #require(plan))
    }
    return plan?.reach
  }

  @Test func `neighbours that come and go keep plans from the moment, and those that stay do not`()
    throws
  {
    let quick = try #require(try reach(seconds: 20))
    let slow = try #require(try reach(seconds: 1200))
    #expect(quick.isShort, "\(quick)")
    #expect(!slow.isShort, "\(slow)")
    #expect(quick.part < slow.part)
  }

  @Test func `without the weights of the configuration nothing is said`() {
    var cluster = FluidCluster(quotas: [1, 3], load: 0.3)
    var strategy = CapacityAlone()
    for _ in 0..<20 { cluster.tick(&strategy) }
    #expect(cluster.tick(&strategy).plan.reach == nil)
  }
}
