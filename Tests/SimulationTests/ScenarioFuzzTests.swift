import CheckedJSON
import CheckedJSONTestSupport
import Simulation
import Testing
import TestSupport

struct ScenarioFuzzTests {
  private static let fragments = [
    "\"servers\":", "\"hosts\":", "\"h1\"", "\"s1\"", "\"lb1\"", "0.0", "1e-300", "86400",
    "{\"at\":1,\"cost\":2}", "\"every\":1", "\"state\":", "\"up\"", "\"warmup\":{}",
  ]

  /// Whatever is read can be run; whatever is refused has problems, each with something to say.
  private static func check(_ bytes: [UInt8]) throws {
    do {
      let scenario = try ScenarioFile.parse(bytes, file: "s")
      let hosts = Set(scenario.hosts.map(\.name))
      try require(!hosts.isEmpty && hosts.count == scenario.hosts.count, "wrong hosts")
      let servers = Set(scenario.servers.map(\.name))
      try require(!servers.isEmpty && servers.count == scenario.servers.count, "wrong servers")
      try require(scenario.servers.allSatisfy { hosts.contains($0.host) }, "unknown host")
      try require(scenario.balancers.contains { $0.share > 0 }, "no balancer has a share")
      try require(scenario.request.cpuSeconds > 0, "requests of no cost")
      try require((1...86_400).contains(scenario.durationSeconds), "wrong duration")
      let times = scenario.events.map(\.atSeconds)
      try require(times == times.sorted(), "events are not in order")
      try require(
        times.allSatisfy { (0...scenario.durationSeconds).contains($0) }, "an event is too late")
    } catch let error as InvalidFile {
      try JSONFaults.check(error)
    }
  }

  @Test func `a scenario with random faults is read or refused, and never ends the program`() throws
  {
    try forAllSeeds(500) { generator in
      try Self.check(
        JSONFaults.scattered(
          over: ScenarioText.full, fragments: Self.fragments, using: &generator))
    }
  }

  @Test func `values in the wrong places are refused and never end the program`() throws {
    let value = try JSONReader.read(Array(ScenarioText.full.utf8))
    try forAllSeeds(800) { generator in
      try Self.check(Array(JSONFaults.shuffled(value, using: &generator).text.utf8))
    }
  }

  @Test func `random bytes are refused and never end the program`() throws {
    try forAllSeeds(500) { generator in
      try Self.check(JSONFaults.noise(using: &generator))
    }
  }
}
