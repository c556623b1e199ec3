import Balancing
import Testing

/// What is said of why a share is what it is.
@Suite struct ShareCauseTests {
  @Test func `a queue is named while it is cleared, and on the way back from it`() throws {
    var cluster = FluidCluster(quotas: [0.5, 0.5, 0.5], load: 0.6)
    var strategy = CapacityAlone()
    for _ in 0..<8 {
      let plan = cluster.tick(&strategy, after: 10)
      _ = cluster.write(plan)
    }
    cluster.servers[0].queue = 3000
    var causes: [ShareCause?] = []
    for _ in 0..<12 {
      let plan = cluster.tick(&strategy, after: 10)
      _ = cluster.write(plan)
      causes.append(plan.servers[0].cause)
      #expect(plan.servers[1].cause == nil && plan.servers[2].cause == nil)
    }
    guard case .clearing(let requests)? = causes[0] else {
      Issue.record("not named: \(causes)")
      return
    }
    #expect(requests > 100)
    let cleared = try #require(causes.firstIndex(of: .cleared), "\(causes)")
    #expect(causes[cleared...].drop { $0 == .cleared }.allSatisfy { $0 == nil }, "\(causes)")
  }
}
