import Testing

@testable import Balancing

/// What one server's windows teach.
@Suite struct CostLearnerTests {
  private let noise = RequestNoise()

  private func window(_ cpuSeconds: Double, _ requests: Double, _ seconds: Double = 10)
    -> CostLearner.Window
  {
    CostLearner.Window(cpuSeconds: cpuSeconds, requests: requests, seconds: seconds)
  }

  @Test func `windows add up`() {
    var learner = CostLearner()
    learner.learn(window(1, 100), noise: noise)
    learner.learn(window(2, 150), noise: noise)
    #expect(learner.cpuSeconds == 3)
    #expect(learner.requests == 250)
  }

  @Test func `less than a request teaches nothing`() {
    var learner = CostLearner()
    learner.learn(window(1, 0.9), noise: noise)
    #expect(learner.requests == 0)
    #expect(learner.cpuSeconds == 0)
  }

  @Test func `a busy half minute fades evidence by a tenth, an idle one by nothing`() {
    var learner = CostLearner()
    learner.learn(window(3, 300), noise: noise)
    learner.fade(before: window(3, 300), activity: 0)
    #expect(learner.requests == 300)
    for _ in 0..<3 { learner.fade(before: window(3, 300), activity: 1) }
    #expect(isNear(learner.requests, 300 * 0.904_837_418, 1e-6))
    #expect(isNear(learner.cpuSeconds, 3 * 0.904_837_418, 1e-6))
  }

  /// 20 a second become 10: 200, 100 and 100 in three windows are 13.3 a second.
  @Test func `evidence from another request rate counts less`() {
    var learner = CostLearner()
    for _ in 0..<3 {
      learner.fade(before: window(2, 200), activity: 0)
      learner.learn(window(2, 200), noise: noise)
    }
    for _ in 0..<2 {
      learner.fade(before: window(1, 100), activity: 0)
      learner.learn(window(1, 100), noise: noise)
    }
    #expect(isNear(learner.requests, 700 * 2.0 / 3 + 100))
    // 10 a second are near enough to that.
    let before = learner.requests
    for _ in 0..<3 { learner.fade(before: window(1, 100), activity: 0) }
    #expect(learner.requests == before)
  }

  /// 3 a second: of 30 in ten seconds chance makes 20 and 40.
  @Test func `what chance makes of a rate is no other operating point`() {
    var learner = CostLearner()
    for index in 0..<60 {
      let requests = [30.0, 20, 38, 29, 41][index % 5]
      learner.fade(before: window(requests / 100, requests), activity: 0)
      learner.learn(window(requests / 100, requests), noise: noise)
    }
    #expect(isNear(learner.requests, 12 * 158, 1e-9))
  }

  @Test func `another request rate leaves a known cost known`() {
    var learner = CostLearner()
    for _ in 0..<100 { learner.learn(window(1, 100), noise: noise) }
    for requests in [1000.0, 10, 1500, 8, 1300, 5, 1600] {
      for _ in 0..<3 {
        learner.fade(before: window(requests / 100, requests), activity: 0)
      }
    }
    #expect(learner.requests == 1.5 * CapacityConstants.fewRequests)
    #expect(learner.requests > CapacityConstants.fewRequests)
  }

  @Test func `an idle night leaves evidence and operating point alone`() {
    var learner = CostLearner()
    for _ in 0..<3 {
      learner.fade(before: window(2, 200), activity: 0)
      learner.learn(window(2, 200), noise: noise)
    }
    for _ in 0..<4000 {
      learner.fade(before: window(0.01, 0), activity: 0)
      learner.learn(window(0.01, 0), noise: noise)
    }
    learner.fade(before: window(2, 200), activity: 0)
    #expect(learner.requests == 600)
    #expect(learner.cpuSeconds == 6)
  }

  @Test func `a restart leaves a weak belief in the old cost`() {
    var learner = CostLearner()
    learner.learn(window(10, 1000), noise: noise)
    learner.restart()
    #expect(isNear(learner.requests, 20))
    #expect(isNear(learner.cpuSeconds, 0.2))
    learner.restart()
    #expect(isNear(learner.requests, 20))
  }

  /// Three windows of 1000 requests at twice the cost: far outside √(2 × (1/3000 + 1/13000)) × 3.5.
  @Test func `a cost that changed is believed after three windows`() {
    var learner = CostLearner()
    for _ in 0..<10 { learner.learn(window(10, 1000), noise: noise) }
    for _ in 0..<3 { learner.learn(window(20, 1000), noise: noise) }
    #expect(isNear(learner.cpuSeconds / learner.requests, 0.02))
    #expect(learner.requests == 3000)
  }

  @Test func `a change within the noise is averaged`() {
    var learner = CostLearner()
    for _ in 0..<10 { learner.learn(window(1, 100), noise: noise) }
    for _ in 0..<3 { learner.learn(window(1.1, 100), noise: noise) }
    #expect(isNear(learner.cpuSeconds, 13.3))
    #expect(isNear(learner.requests, 1300))
  }

  /// κ = 0.01; 1.5 s for 100 requests are 150 of them: 50² ÷ 100 = 25.
  @Test func `a surprise is counted in requests`() throws {
    var learner = CostLearner()
    #expect(learner.surprise(of: window(1, 100)) == nil)
    learner.learn(window(1, 100), noise: noise)
    #expect(isNear(try #require(learner.surprise(of: window(1.5, 100))), 25))
    #expect(isNear(try #require(learner.surprise(of: window(9, 100))), 6400))
    #expect(learner.surprise(of: window(1, 0.5)) == nil)
  }

  /// 2 + (1 − e^−0.1) × (2.2 × 1 − 2), with the median of 0.1, 1 and 30.
  @Test func `noise follows the median surprise`() {
    var noise = RequestNoise()
    noise.observe([30, 0.1, 1], over: 10)
    #expect(isNear(noise.squared, 2.019_032_516, 1e-6))
    for _ in 0..<200 { noise.observe([0], over: 10) }
    #expect(isNear(noise.squared, 0.25, 1e-6))
    for _ in 0..<200 { noise.observe([50], over: 10) }
    #expect(isNear(noise.squared, 20, 1e-6))
    noise.observe([], over: 10)
    #expect(isNear(noise.squared, 20, 1e-6))
  }

  /// Fleet: (1 + 4) ÷ (100 + 100) = 0.025. The third has 10 requests, too few to count for it:
  /// (0.1 + 20 × 0.025) ÷ (10 + 20) = 0.02.
  @Test func `a server that is little known is believed to be like the fleet`() throws {
    var learners = [CostLearner(), CostLearner(), CostLearner(), CostLearner()]
    learners[0].learn(window(1, 100), noise: noise)
    learners[1].learn(window(4, 100), noise: noise)
    learners[2].learn(window(0.1, 10), noise: noise)
    let fleet = FleetCost(learners.map { ($0, nil) })
    #expect(isNear(try #require(fleet.mean), 0.025))
    #expect(isNear(try #require(fleet.cost(of: learners[2], on: nil)), 0.02))
    #expect(fleet.cost(of: learners[3], on: nil) == fleet.mean)
    #expect(isNear(try #require(fleet.cost(of: learners[0], on: nil)), 1.5 / 120))
    #expect(FleetCost([(learners[2], nil)]).mean == nil)
    #expect(FleetCost([]).cost(of: learners[0], on: nil) == nil)
  }

  /// Two hosts of two servers, one host with hardware half as fast: the fleet's mean is 0.015, and
  /// what a server of the slow host lacks of evidence is its neighbour's, not the fleet's.
  @Test func `a server that is little known is believed to be like others on its host`() throws {
    func learner(_ cost: Double, _ requests: Double) -> CostLearner {
      var learner = CostLearner()
      learner.learn(window(cost * requests, requests), noise: noise)
      return learner
    }
    let unknown = CostLearner()
    let fleet = FleetCost([
      (learner(0.01, 5000), "quick"), (learner(0.01, 5000), "quick"),
      (learner(0.02, 10_000), "slow"), (unknown, "slow"),
    ])
    #expect(fleet.prior == 20)
    #expect(fleet.hostPrior == 2000)
    let slow = try #require(fleet.cost(of: unknown, on: "slow"))
    #expect(isNear(slow, (0.02 * 10_000 + 20 * 0.015) / 10_020))
    #expect(isNear(try #require(fleet.cost(of: unknown, on: "new")), 0.015))
    // All on one host: that they share it says nothing.
    let alone = FleetCost([(learner(0.01, 5000), "one"), (learner(0.02, 5000), "one")])
    #expect(alone.prior == 20)
    #expect(isNear(try #require(alone.cost(of: unknown, on: "one")), 0.015))
  }
}
