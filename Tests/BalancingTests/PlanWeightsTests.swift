import Testing

@testable import Balancing

/// From a plan to one balancer's weights.
@Suite struct PlanWeightsTests {
  private func plan(
    _ verdict: Plan.Verdict, _ targets: [(ServerName, ServerPlan.Target)]
  ) -> Plan {
    Plan(
      verdict: verdict, servers: targets.map { ServerPlan(name: $0.0, target: $0.1) })
  }

  private func weights(
    _ plan: Plan, _ standing: [ServerName: Int], bounds: WeightBounds = .standard
  ) -> [ServerName: Int] {
    plan.weights(standing: standing.mapValues(Weight.init(clamping:)), bounds: bounds)
      .mapValues(\.value)
  }

  @Test func `a change of all has a free scale`() {
    let change = plan(.change, [("a", .share(0.5)), ("b", .share(0.25)), ("c", .share(0.25))])
    #expect(weights(change, ["a": 1, "b": 1, "c": 1]) == ["a": 256, "b": 128, "c": 128])
  }

  @Test func `a single server gets the greatest weight`() {
    #expect(weights(plan(.change, [("a", .share(1))]), ["a": 7]) == ["a": 256])
  }

  @Test(
    arguments: [
      ServerHold.external, .state(.ramping), .noContainer, .stale(ageSeconds: 90), .noRate,
      .sampleBeforeLastWrite,
    ])
  func `beside a server that keeps its weight the others share what they have`(hold: ServerHold) {
    let change = plan(.change, [("a", .share(0.6)), ("b", .share(0.2)), ("c", .keep(hold))])
    #expect(
      weights(change, ["a": 100, "b": 100, "c": 100]) == ["a": 150, "b": 50, "c": 100])
  }

  @Test(
    arguments: [
      ServerState.drain, .maintenance, .down, .unresolved, .backup, .zeroWeight,
    ])
  func `a server without traffic does not bind the scale, and keeps its weight`(
    state: ServerState
  ) {
    let change = plan(
      .change, [("a", .share(0.6)), ("b", .share(0.3)), ("c", .keep(.state(state)))])
    #expect(weights(change, ["a": 1, "b": 1, "c": 33]) == ["a": 256, "b": 128, "c": 33])
  }

  @Test(arguments: [ServerState.drain, .maintenance, .down])
  func `the weight of a server that is away means the same when it comes back`(state: ServerState) {
    let change = plan(
      .change, [("a", .share(0.4)), ("b", .share(0.4)), ("c", .keep(.state(state)))])
    #expect(weights(change, ["a": 100, "b": 200, "c": 150]) == ["a": 150, "b": 150, "c": 150])
  }

  @Test func `a scale that cannot express what is wanted is given up, whoever is away`() {
    let change = plan(
      .change, [("a", .share(0.9)), ("b", .share(0.1)), ("c", .keep(.state(.down)))])
    #expect(weights(change, ["a": 200, "b": 200, "c": 200]) == ["a": 252, "b": 28, "c": 200])
  }

  @Test func `a reduction is made whatever the verdict, and binds the scale`() {
    let targets: [(ServerName, ServerPlan.Target)] = [
      ("a", .share(0.75)), ("b", .share(0.25)), ("c", .reduce(by: 0.25, .returning)),
    ]
    let standing: [ServerName: Int] = ["a": 100, "b": 100, "c": 100]
    #expect(weights(plan(.change, targets), standing) == ["a": 150, "b": 50, "c": 25])
    #expect(weights(plan(.level, targets), standing) == ["a": 100, "b": 100, "c": 25])
    #expect(weights(plan(.hold(.idle), targets), standing) == ["a": 100, "b": 100, "c": 25])
  }

  @Test func `a reduction goes to the least weight and never above what stands`() throws {
    let bounds = try #require(WeightBounds(minimum: 8, maximum: 256))
    let reduction = plan(.level, [("a", .reduce(by: 0.25, .returning))])
    #expect(weights(reduction, ["a": 16], bounds: bounds) == ["a": 8])
    #expect(weights(reduction, ["a": 4], bounds: bounds) == ["a": 4])
  }

  @Test func `servers that a balancer does not have are left out`() {
    let change = plan(.change, [("a", .share(0.5)), ("gone", .share(0.25)), ("c", .share(0.25))])
    #expect(weights(change, ["a": 1, "c": 1, "other": 9]) == ["a": 256, "c": 128, "other": 9])
  }

  @Test func `a weight of zero is the operator's word`() {
    let change = plan(.change, [("a", .share(0.5)), ("b", .share(0.5))])
    #expect(weights(change, ["a": 0, "b": 3]) == ["a": 0, "b": 256])
    #expect(weights(plan(.level, [("a", .reduce(by: 0.5, .returning))]), ["a": 0]) == ["a": 0])
  }

  @Test func `one name twice counts once`() {
    let change = plan(.change, [("a", .share(0.5)), ("a", .share(0.9)), ("b", .share(0.25))])
    #expect(weights(change, ["a": 1, "b": 1]) == ["a": 256, "b": 128])
  }
}
