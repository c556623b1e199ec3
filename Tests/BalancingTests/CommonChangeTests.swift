import TestSupport
import Testing

@testable import Balancing

/// Costs that change for all at once.
@Suite struct CommonChangeTests {
  private let noise = RequestNoise()

  /// Servers of which so much is known, and what their newest windows show over that.
  private func servers(
    _ ratios: [Double], requests: Double = 400, known: Double = 2000, cost: Double = 0.01
  ) -> [CommonChange.Server] {
    ratios.enumerated().map { index, ratio in
      let own = cost * Double(index + 1)
      var learner = CostLearner()
      learner.learn(
        CostLearner.Window(cpuSeconds: known * own, requests: known, seconds: 60), noise: noise)
      return CommonChange.Server(
        known: learner,
        window: CostLearner.Window(
          cpuSeconds: requests * own * ratio, requests: requests, seconds: 10))
    }
  }

  @Test(arguments: [0.5, 1.6, 2, 5]) func `what all show alike is a change for all`(ratio: Double) {
    let found = CommonChange.factor(servers([ratio, ratio, ratio]), noise: noise)
    #expect(isNear(found ?? 0, ratio))
  }

  @Test func `few requests each tell it together`() throws {
    // Of eight requests alone even a doubling is chance.
    let few = servers(Array(repeating: 2, count: 40), requests: 8)
    #expect(!noise.contradicts(2, from: 8, 2000))
    #expect(isNear(try #require(CommonChange.factor(few, noise: noise)), 2))
  }

  @Test(arguments: [[2, 1, 1], [0.5, 1, 1], [2, 0.5, 1], [1, 1, 1], [1.05, 1.05, 1.05]])
  func `what some show, or nobody, is none`(ratios: [Double]) {
    #expect(CommonChange.factor(servers(ratios), noise: noise) == nil)
  }

  @Test func `one server alone is no fleet, nor are those of whom nothing is known`() {
    #expect(CommonChange.factor(servers([2]), noise: noise) == nil)
    #expect(CommonChange.factor([], noise: noise) == nil)
    var change = CommonChange()
    for tick in 0..<10 {
      #expect(follow(servers([2, 2, 2], known: 10), of: 3, at: 10 * tick, &change) == .none)
    }
  }

  private func follow(
    _ servers: [CommonChange.Server], of known: Int = 3, at second: Int,
    _ change: inout CommonChange
  ) -> CommonChange.Finding {
    change.follow(
      servers, of: known, noise: noise, at: BalancingTests.at(Double(second)), interval: 10)
  }

  @Test func `a change is believed when an interval has not contradicted it`() {
    var change = CommonChange()
    for second in 0..<9 {
      #expect(follow(servers([2, 2, 2]), at: second, &change) == .unconfirmed)
    }
    #expect(follow(servers([2, 2, 2]), at: 10, &change) == .factor(2))
    // What comes next is another change.
    #expect(follow(servers([0.5, 0.5, 0.5]), at: 20, &change) == .unconfirmed)
  }

  @Test func `requests that were counted at the wrong time are no change`() {
    var change = CommonChange()
    #expect(follow(servers([1.5, 1.5, 1.5]), at: 0, &change) == .unconfirmed)
    #expect(follow(servers([0.6, 0.6, 0.6]), at: 10, &change) == .unconfirmed)
    #expect(follow(servers([1, 1, 1]), at: 20, &change) == .none)
    #expect(follow(servers([0.6, 0.6, 0.6]), at: 30, &change) == .unconfirmed)
  }

  @Test func `what is neither confirmed nor contradicted is not waited for any longer`() {
    var change = CommonChange()
    #expect(follow(servers([2, 2, 2]), at: 0, &change) == .unconfirmed)
    let few = servers([1, 1, 1])
    for second in 1...30 { #expect(follow(few, of: 100, at: second, &change) == .unconfirmed) }
    for second in 31..<60 { #expect(follow(few, of: 100, at: second, &change) == .none) }
    #expect(follow(servers([2, 2, 2]), at: 60, &change) == .unconfirmed)
  }

  @Test func `changes to and fro keep nobody from learning`() {
    var change = CommonChange()
    let findings = (0..<60).map { second in
      let ratio = second.isMultiple(of: 2) ? 2 : 0.5
      return follow(servers([ratio, ratio, ratio]), at: second, &change)
    }
    #expect(findings.contains(.none))
  }

  @Test func `windows of a few neither confirm a change nor contradict it`() {
    var change = CommonChange()
    let few = servers([1, 1, 1])
    #expect(follow(few, of: 100, at: 0, &change) == .none)
    #expect(follow(servers([2, 2, 2]), at: 1, &change) == .unconfirmed)
    for second in 2..<11 { #expect(follow(few, of: 100, at: second, &change) == .unconfirmed) }
    #expect(follow(servers([2, 2, 2]), at: 11, &change) == .factor(2))
  }

  @Test(arguments: 0..<200) func `whatever comes, a factor is a number above 0`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let ratios = (0..<6).map { _ in
      [0, 1e-9, 1, 1e9, .infinity].randomElement(using: &random) ?? 1
    }
    if let factor = CommonChange.factor(servers(ratios), noise: noise) {
      #expect(factor.isFinite && factor > 0)
    }
  }

  @Test(arguments: [0.5, 2]) func `no weight moves when every request's cost changes`(
    factor: Double
  ) {
    var cluster = FluidCluster(quotas: [0.1, 0.4, 0.8], load: 0.4)
    var strategy = CapacityAlone()
    for _ in 0..<60 { _ = cluster.tick(&strategy, after: 10) }
    let before = cluster.servers.map(\.weight)
    for index in cluster.servers.indices { cluster.servers[index].cost *= factor }
    for _ in 0..<30 {
      _ = cluster.tick(&strategy, after: 10)
      #expect(cluster.servers.map(\.weight) == before)
    }
  }
}
