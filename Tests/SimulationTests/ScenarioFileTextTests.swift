import CheckedJSON
import Testing

@testable import Simulation

/// That a scenario can be written as a file, and is the same when it is read again.
@Suite struct ScenarioFileTextTests {
  private func isSame(_ scenario: Scenario) throws {
    let text = ScenarioFile.text(of: scenario)
    #expect(try ScenarioText.parse(text) == scenario, "\(text)")
  }

  @Test func `a scenario with every key is the same again`() throws {
    try isSame(try ScenarioText.parse(ScenarioText.full))
    try isSame(try ScenarioText.parse(ScenarioText.small()))
  }

  @Test(arguments: ShippedScenarios.names)
  func `a shipped scenario is the same again`(name: String) throws {
    try isSame(try #require(try ShippedScenarios.named(name)))
  }

  @Test func `any scenario of the family is the same again`() throws {
    for number in 1...200 as ClosedRange<UInt64> { try isSame(FamilyMember(number).scenario) }
  }

  /// Random ones ask for less than a file may at times; what is outside the limits is not a file.
  @Test func `random scenarios with faults are the same again`() throws {
    var written = 0
    for seed in 1...300 as ClosedRange<UInt64> {
      let scenario = Scenario.random(seed: seed, ticks: 60, requests: 1500, hasFaults: true)
      guard let read = try? ScenarioText.parse(ScenarioFile.text(of: scenario)) else { continue }
      #expect(read == scenario, "seed \(seed)")
      written += 1
    }
    #expect(written > 100)
  }

  @Test func `quotation marks and backslashes stay what they are`() throws {
    var scenario = try ScenarioText.parse(ScenarioText.small())
    scenario.description = "a \"b\" \\ é"
    try isSame(scenario)
  }
}
