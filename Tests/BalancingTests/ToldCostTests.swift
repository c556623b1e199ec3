import Testing

@testable import Balancing

/// What peers tell of costs helps where nothing was learned, and never beyond what is counted here.
@Suite struct ToldCostTests {
  private static let quotas = [0.2, 0.4, 0.8]
  private static let costs = [0.005, 0.0075, 0.01]

  private static func cluster() -> FluidCluster {
    var cluster = FluidCluster(quotas: quotas, load: 0.35)
    for (index, cost) in costs.enumerated() { cluster.servers[index].cost = cost }
    return cluster
  }

  private static func told(
    _ factors: [Double] = [1, 1, 1], requests: Double = 5000, age: Double = 3
  ) -> [ServerName: ToldCost] {
    Dictionary(
      uniqueKeysWithValues: zip(costs, factors).enumerated().map { index, cost in
        (
          ServerName("s\(index + 1)"),
          ToldCost(
            secondsPerRequest: cost.0 * cost.1, requests: requests, ageSeconds: age)
        )
      })
  }

  /// The first shares that are wanted, over those that level, the worst first.
  private static func firstPlan(
    hearing told: [ServerName: ToldCost]
  ) -> (ratio: Double, cost: [Double])? {
    var cluster = cluster()
    var strategy = CapacityAlone()
    for _ in 0..<10 {
      strategy.hear(told)
      let plan = strategy.plan(for: cluster.observation())
      if plan.verdict == .change {
        let due = zip(quotas, costs).map { $0 / $1 }
        let wanted = plan.servers.map { server -> Double in
          guard case .share(let share) = server.target else { return 0 }
          return share
        }
        let (all, whole): (Double, Double) = (wanted.reduce(0, +), due.reduce(0, +))
        let ratios = zip(wanted, due).map { share, due -> Double in
          let (part, right): (Double, Double) = (share / all, due / whole)
          return max(part / right, right / part)
        }
        return (
          ratios.max() ?? .infinity,
          plan.servers.compactMap(\.costPerRequest)
        )
      }
      cluster.run(2)
      cluster.sample()
    }
    return nil
  }

  @Test func `one that has learned nothing has its peer's costs in its first plan`() throws {
    let plan = try #require(Self.firstPlan(hearing: Self.told()))
    for (cost, its) in zip(plan.cost, Self.costs) { #expect(abs(cost / its - 1) < 0.1, "\(plan)") }
    #expect(plan.ratio < 1.1, "\(plan)")
  }

  @Test func `without a peer the first plan takes all requests for alike`() throws {
    let plan = try #require(Self.firstPlan(hearing: [:]))
    #expect(plan.ratio > 1.2, "\(plan)")
  }

  /// What is told, and what is left of it: nothing, so that the first plan is that of one without peers.
  private static let lies: [(what: String, told: [ServerName: ToldCost])] = [
    ("none are numbers", told([.nan, .nan, .nan])),
    ("infinite", told([.infinity, .infinity, .infinity])),
    ("negative", told([-1, -1, -1])),
    ("zero", told([0, 0, 0])),
    ("a thousand times as dear", told([1000, 1000, 1000])),
    ("a tenth as dear", told([0.1, 0.1, 0.1])),
    ("learned of nothing", told(requests: 1)),
    ("learned of more than there can be", told(requests: .infinity)),
    ("learned of no number", told(requests: .nan)),
    ("learned long ago", told(age: 1e6)),
    ("learned in the future", told(age: -1e9)),
  ]

  @Test(arguments: lies.indices)
  func `what cannot be is not believed`(index: Int) throws {
    let (lied, alone) = (
      try #require(Self.firstPlan(hearing: Self.lies[index].told)),
      try #require(Self.firstPlan(hearing: [:]))
    )
    #expect(lied.cost == alone.cost, "\(Self.lies[index].what)")
    #expect(lied.ratio == alone.ratio)
  }

  @Test func `one cost that the first requests contradict is not believed, the others are`() throws
  {
    var told = ToldCosts()
    told.note(Self.told([1, 1, 3])) { _ in true }
    for (index, cost) in Self.costs.enumerated() {
      told.observe(
        CostLearner.Window(cpuSeconds: 400 * cost, requests: 400, seconds: 10),
        of: ServerName("s\(index + 1)"))
    }
    let believed = told.judge(RequestNoise())
    #expect(Set(believed.keys) == ["s1", "s2"])
    #expect(told.judge(RequestNoise()).isEmpty)
  }

  @Test func `what was learned here goes before what is told`() throws {
    var cluster = Self.cluster()
    var strategy = CapacityAlone()
    var plan: Plan?
    for tick in 0..<40 {
      if tick > 5 { strategy.hear(Self.told([2, 2, 2])) }
      plan = strategy.plan(for: cluster.observation())
      cluster.run(10)
      cluster.sample()
    }
    let costs = (plan?.servers ?? []).compactMap(\.costPerRequest)
    for (cost, its) in zip(costs, Self.costs) { #expect(abs(cost / its - 1) < 0.05, "\(costs)") }
  }

  @Test func `a lie that passes at first is gone after three intervals`() throws {
    var cluster = Self.cluster()
    var strategy = CapacityAlone()
    var plan: Plan?
    for _ in 0..<4 {
      strategy.hear(Self.told([1.4, 0.7, 1.2]))
      plan = strategy.plan(for: cluster.observation())
      cluster.run(10)
      cluster.sample()
    }
    let costs = (plan?.servers ?? []).compactMap(\.costPerRequest)
    for (cost, its) in zip(costs, Self.costs) { #expect(abs(cost / its - 1) < 0.3, "\(costs)") }
  }

  @Test func `only what was borne out by requests counted here is told`() throws {
    var cluster = Self.cluster()
    var strategy = CapacityAlone()
    var learned = LearnedCosts()
    learned.servers["s1"] = LearnedCosts.Server(cost: CostLearner(), container: nil)
    strategy.resume(learned, at: cluster.now)
    #expect(strategy.costsToTell(at: cluster.now).isEmpty)
    for _ in 0..<6 {
      _ = strategy.plan(for: cluster.observation())
      cluster.run(10)
      cluster.sample()
    }
    let told = strategy.costsToTell(at: cluster.now)
    #expect(told.count == 3)
    for (index, cost) in Self.costs.enumerated() {
      let its = try #require(told[ServerName("s\(index + 1)")])
      #expect(abs(its.secondsPerRequest / cost - 1) < 0.05)
      #expect((0...11).contains(its.ageSeconds))
      #expect(its.requests > 30)
    }
  }
}
