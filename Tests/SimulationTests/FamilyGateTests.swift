import Balancing
import Testing

@testable import Simulation

/// Bounds on what evenkeel makes of a sample of the family, against the same algorithm under the
/// weights of its configuration. The time is simulated: each run gives the same figures.
///
/// `evenkeel simulate --family 1000` is the whole; these are of its scenarios with the fewest
/// requests. Above 1.05 stands harm that is known and waits for its cure: lower the bound with it.
@Suite struct FamilyGateTests {
  struct Gate: Sendable, CustomTestStringConvertible {
    var number: UInt64
    /// p99 of the whole run, its start included, and of its second half.
    var p99ToBare = 1.05
    var secondHalfToBare = 1.05
    var testDescription: String { FamilyMember(number).scenario.name }
  }

  @Test(arguments: [
    Gate(number: 3),
    Gate(number: 17),
    Gate(number: 33),
    Gate(number: 34),
    Gate(number: 38),
    Gate(number: 50),
    Gate(number: 62, p99ToBare: 0.95, secondHalfToBare: 0.95),
    Gate(number: 82, p99ToBare: 0.65, secondHalfToBare: 0.25),
    Gate(number: 93),
    Gate(number: 100, p99ToBare: 0.05, secondHalfToBare: 0.05),
    Gate(number: 103),
    Gate(number: 104, p99ToBare: 0.70, secondHalfToBare: 0.85),
    Gate(number: 110, p99ToBare: 0.95, secondHalfToBare: 0.95),
    Gate(number: 119, p99ToBare: 0.90, secondHalfToBare: 1.05),
  ])
  func `neighbours that come and go make it no worse than bare HAProxy`(gate: Gate) async throws {
    let member = FamilyMember(gate.number)
    func measures(_ strategy: SimulatedStrategy) async -> RunMeasures {
      let scenario = member.scenario
      return RunMeasures(
        await SimulationRun(scenario: scenario, strategy: strategy, seed: scenario.seed).run())
    }
    let (bare, steered) = (await measures(.equal), await measures(.capacity))
    let result = FamilyResult(member, bare: bare, steered: steered, oracle: bare)
    #expect(try #require(result.p99ToBare) <= gate.p99ToBare, "\(member.traits.summary)")
    #expect(
      try #require(result.secondHalfP99ToBare) <= gate.secondHalfToBare,
      "\(member.traits.summary)")
    #expect(result.failedToBare <= 1.05, "\(member.traits.summary)")
  }

  struct Watched: Sendable, CustomTestStringConvertible {
    var name: String
    var p99ToBare: Double
    var p99ToOracle = Double.infinity
    var testDescription: String { name }
  }

  /// The rows of the shipped scenarios: an interval of 10 s alone would miss most of what they do.
  @Test(arguments: [
    Watched(name: "26-neighbours-20s", p99ToBare: 1.05),
    Watched(name: "27-neighbours-60s", p99ToBare: 1.05),
    Watched(name: "28-neighbours-300s", p99ToBare: 0.97),
    Watched(name: "29-random-neighbours-15s", p99ToBare: 0.80),
    Watched(name: "30-random-neighbours-60s", p99ToBare: 0.55),
    Watched(name: "31-random-neighbours-300s", p99ToBare: 0.42, p99ToOracle: 1.2),
  ])
  func `neighbours that crowd hosts are seen within seconds`(watched: Watched) async throws {
    let scenario = try #require(try ShippedScenarios.named(watched.name))
    func p99(_ strategy: SimulatedStrategy) async throws -> Double {
      let run = SimulationRun(scenario: scenario, strategy: strategy, seed: scenario.seed)
      return try #require(RunMeasures(await run.run()).requests.p99Milliseconds)
    }
    let steered = try await p99(.capacity)
    #expect(steered <= watched.p99ToBare * (try await p99(.equal)))
    #expect(steered <= watched.p99ToOracle * (try await p99(.oracle)))
  }

  /// Where every request costs more, or less, at once, no share should move.
  @Test func `costs that change for all at once leave the servers level`() async throws {
    let scenario = try #require(try ShippedScenarios.named("32-costs-of-all"))
    func phases(_ strategy: SimulatedStrategy) async -> [PhaseMeasures] {
      let run = SimulationRun(scenario: scenario, strategy: strategy, seed: scenario.seed)
      return RunMeasures(await run.run()).phases
    }
    let (steered, oracle) = (await phases(.capacity), await phases(.oracle))
    #expect(steered.count == 4)
    for (mine, ideal) in zip(steered, oracle) {
      let (spread, best) = (try #require(mine.spreadMean), try #require(ideal.spreadMean))
      #expect(spread <= 1.05 * best, "from \(mine.fromSeconds) s")
    }
  }
}
