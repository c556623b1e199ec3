import Balancing

@testable import Simulation

/// Runs made by hand, of which every figure can be reckoned in the head.
enum Example {
  static let servers: [ServerName] = ["a", "b"]

  static func scenario(
    seconds: Double, events: [Event] = [], name: String = "example"
  ) -> Scenario {
    var scenario = Scenario(
      name: name, durationSeconds: seconds, request: RequestModel(cpuSeconds: 0.01),
      demand: DemandModel(requestsPerSecond: 10), hosts: [HostModel(name: "h", cores: 2)],
      servers: servers.map { ServerModel(name: $0, host: "h") })
    scenario.events = events
    return scenario
  }

  /// - Parameter utilisation: of the two servers in each second.
  static func record(
    _ scenario: Scenario, strategy: SimulatedStrategy = .capacity, seed: UInt64 = 1,
    weights: (Int) -> [Int] = { _ in [100, 100] },
    isServing: (Int) -> [Bool] = { _ in [true, true] },
    utilisation: (Int) -> [Double]
  ) -> RunRecord {
    var record = RunRecord(scenario: scenario, strategy: strategy, seed: seed, servers: servers)
    record.seconds = (0..<Int(scenario.durationSeconds)).map {
      .init(utilisation: utilisation($0), weights: weights($0), isServing: isServing($0))
    }
    return record
  }

  static func request(
    at seconds: Float, took latency: Float, failed: Bool = false
  ) -> RunRecord.RequestOutcome {
    .init(endedAtSeconds: seconds, latencySeconds: latency, hasFailed: failed)
  }

  static func down(_ server: ServerName, at seconds: Double) -> Event {
    var change = Event.ServerChange()
    change.state = .down
    return Event(atSeconds: seconds, .server(server, change))
  }

  static func demand(_ factor: Double, at seconds: Double) -> Event {
    Event(atSeconds: seconds, .demand(factor: factor, overSeconds: 0))
  }
}
