import Balancing
import Testing

@testable import Simulation

/// The generated family of scenarios.
@Suite struct FamilyTests {
  private static let members = (1...400 as ClosedRange<UInt64>).map { FamilyMember($0) }

  @Test func `the same number is the same scenario, and another one another`() {
    #expect(FamilyMember(17).scenario == FamilyMember(17).scenario)
    #expect(Set(Self.members.map(\.scenario)).count == Self.members.count)
    #expect(FamilyMember(named: "family-17") == FamilyMember(17))
    #expect(FamilyMember(17).scenario.name == "family-17")
    for name in ["family-", "family-x", "family--1", "17", "family-9007199254740992"] {
      #expect(FamilyMember(named: name) == nil, "\(name)")
    }
  }

  @Test func `all are within the ranges, and come to their ends`() {
    func holds<Value: Comparable>(
      _ range: ClosedRange<Value>, near: Value, _ far: Value, _ value: (FamilyMember) -> Value
    ) {
      let values = Self.members.map(value)
      #expect(values.allSatisfy(range.contains))
      #expect(values.contains { $0 <= near } && values.contains { $0 >= far })
    }
    holds(3...10, near: 3, 10) { $0.scenario.hosts.count }
    holds(1...8, near: 1, 8) { $0.scenario.hosts[0].cores }
    holds(5...600, near: 8, 400) { $0.traits.onSeconds }
    holds(0.2...0.9, near: 0.25, 0.85) { $0.traits.neighbourPart }
    holds(0.3...0.9, near: 0.35, 0.85) { $0.traits.load }
    holds(0...3, near: 0.2, 2.8) { $0.scenario.request.variation }
    holds(0...30, near: 0, 28) { $0.scenario.sampling.lagSeconds }
    holds(2...60, near: 2, 60) { $0.scenario.intervalSeconds }
    let counts = Self.members.map { member in
      member.scenario.hosts.count { $0.visits != nil }
    }
    #expect(counts.allSatisfy { $0 >= 1 } && counts.contains(1))
    #expect(zip(counts, Self.members).contains { $0 == $1.scenario.hosts.count })
    for algorithm in BalancerModel.Algorithm.allCases {
      #expect(Self.members.contains { $0.scenario.balancers[0].algorithm == algorithm })
    }
    #expect(Self.members.contains { $0.scenario.servers.allSatisfy { $0.quotaCores == nil } })
    #expect(Self.members.contains { $0.scenario.servers.allSatisfy { $0.quotaCores != nil } })
  }

  /// With the load of what neighbours leave, the demand can be borne in the mean.
  @Test func `no scenario asks for more than there is`() {
    for member in Self.members {
      let scenario = member.scenario
      let work = scenario.demand.requestsPerSecond * scenario.request.cpuSeconds
      let limits = scenario.servers.enumerated().reduce(0) { sum, server in
        sum + (server.element.quotaCores ?? scenario.hosts[server.offset].cores)
      }
      #expect(work < 0.91 * limits, "\(scenario.name)")
      #expect(work > 0.1 * limits, "\(scenario.name)")
      let requests = scenario.demand.requestsPerSecond * scenario.durationSeconds
      #expect(requests < 160_000, "\(scenario.name)")
    }
  }

  private func result(
    _ number: UInt64, bare: RequestFigures, steered: RequestFigures, oracle: RequestFigures
  ) -> FamilyResult {
    let member = FamilyMember(number)
    func measures(_ figures: RequestFigures, _ strategy: SimulatedStrategy) -> RunMeasures {
      var record = RunRecord(
        scenario: member.scenario, strategy: strategy, seed: 1, servers: [])
      record.seconds = []
      var measures = RunMeasures(record)
      measures.requests = figures
      measures.secondHalf = figures
      return measures
    }
    return FamilyResult(
      member, bare: measures(bare, .equal), steered: measures(steered, .capacity),
      oracle: measures(oracle, .oracle))
  }

  private func figures(_ milliseconds: Float, failed: Int = 0) -> RequestFigures {
    RequestFigures(latencies: Array(repeating: milliseconds / 1000, count: 1000), failed: failed)
  }

  @Test func `ratios are of evenkeel's figures to those of the balancer alone`() throws {
    let harmed = result(
      1, bare: figures(200), steered: figures(500, failed: 4), oracle: figures(100))
    #expect(abs(try #require(harmed.p99ToBare) - 2.5) < 1e-4)
    #expect(abs(try #require(harmed.p99ToOracle) - 5) < 1e-4)
    #expect(abs(try #require(harmed.bareP99ToOracle) - 2) < 1e-4)
    // One in a thousand requests on both sides: 5 to 1.
    #expect(abs(harmed.failedToBare - 5) < 1e-9)
  }

  @Test func `quantiles are the middle, the 95th of a hundred, and the worst`() throws {
    let results = (1...100).map { number in
      result(
        UInt64(number), bare: figures(100), steered: figures(Float(number)), oracle: figures(100))
    }
    let all = try #require(FamilySummary.all(of: results).first)
    let ratios = try #require(all.p99ToBare)
    #expect(all.scenarios == 100)
    #expect(abs(ratios.median - 0.5) < 1e-4)
    #expect(abs(ratios.p95 - 0.95) < 1e-4)
    #expect(abs(ratios.worst - 1) < 1e-4)
    let parts = FamilySummary.all(of: results).dropFirst()
    #expect(parts.reduce(0) { $0 + $1.scenarios } == 200)
  }

  @Test func `the tables show quantiles, and the worst scenarios first`() {
    let results = (1...20).map { number in
      result(
        UInt64(number), bare: figures(100), steered: figures(Float(10 * number)),
        oracle: figures(100))
    }
    let tables = FamilyTables(results)
    #expect(tables.quantiles.rows.first?.first == "20 all")
    #expect(tables.quantiles.rows.first?.contains("1.00/1.90/2.00") == true)
    #expect(tables.worst.rows.map { $0[0] }.prefix(2) == ["family-20", "family-19"])
    #expect(tables.worst.rows.count == 10)
  }

  @Test func `no results are no figures`() {
    #expect(FamilySummary.all(of: []).isEmpty)
    #expect(FamilyTables([]).worst.rows.isEmpty)
  }
}
