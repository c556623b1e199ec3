import Balancing
import Control
import Testing

@testable import Simulation

/// The limits that are advised, in force: queues wait in the balancer, and nobody is worse off.
@Suite struct LimitTests {
  private let quotas = [0.08, 0.12, 0.16, 0.24, 0.32, 0.48]

  /// When advice is asked for: once a day most backends have little to do.
  private static let calm = 0.3

  private func scenario(
    load: Double, io: Double = 0, service: ServerModel.Service = .queue, limits: [Int?] = [],
    seconds: Double = 300
  ) -> Scenario {
    let cost = 0.006
    var scenario = Scenario(
      name: "limits", durationSeconds: seconds, request: RequestModel(cpuSeconds: cost),
      demand: DemandModel(requestsPerSecond: load * quotas.reduce(0, +) / cost),
      hosts: [HostModel(name: "h1", cores: 2)],
      servers: quotas.enumerated().map { index, quota in
        var server = ServerModel(name: ServerName("s\(index + 1)"), host: "h1")
        server.quotaCores = quota
        server.service = service
        server.maxConnections = index < limits.count ? limits[index] : nil
        return server
      })
    scenario.request.ioSeconds = io
    return scenario
  }

  private func advised(_ scenario: Scenario) async throws -> [Int] {
    let log = RunLog()
    _ = await SimulationRun(scenario: scenario, strategy: .capacity, seed: 1).run(log: log)
    let backend = try #require(log.daemons.first?.reports.last?.snapshot.backends.first)
    return try backend.servers.map { server in
      let advice = try #require(server.limit)
      guard case .limit(let limit) = advice else { throw Nothing(advice: "\(advice)") }
      return limit.inFlight
    }
  }

  private struct Nothing: Error { var advice: String }

  /// The p99 of a run, and how many requests were answered in time.
  private func figures(_ scenario: Scenario) async throws -> (p99: Double, answered: Int) {
    let record = await SimulationRun(scenario: scenario, strategy: .capacity, seed: 2).run()
    let figures = RunMeasures(record).requests
    return (
      try #require(figures.p99Milliseconds), record.requests.count { !$0.hasFailed }
    )
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var io = 0.0
    var service = ServerModel.Service.queue
    var load: Double
    var testDescription: String { "\(service), \(io) s without CPU, load \(load)" }
  }

  @Test(arguments: [
    Case(load: 0.3), Case(load: 0.6), Case(load: 0.9), Case(load: 1.2),
    Case(service: .sharing, load: 0.6), Case(service: .sharing, load: 0.9),
    Case(io: 0.05, load: 0.6), Case(io: 0.05, load: 0.9), Case(io: 0.05, load: 1.2),
  ])
  func `limits as advised are never worse than none`(it: Case) async throws {
    let limits = try await advised(
      scenario(load: Self.calm, io: it.io, service: it.service, seconds: 400))
    // Beyond capacity it ends before clients give up: whatever is done is late from then on.
    let seconds = it.load > 1 ? 100.0 : 300
    let bare = try await figures(
      scenario(load: it.load, io: it.io, service: it.service, seconds: seconds))
    let limited = try await figures(
      scenario(load: it.load, io: it.io, service: it.service, limits: limits, seconds: seconds))
    #expect(limited.p99 <= 1.05 * bare.p99, "\(limits): \(limited), not \(bare)")
    #expect(
      Double(limited.answered) >= 0.95 * Double(bare.answered), "\(limits): \(limited), not \(bare)"
    )
  }

  @Test func `at a load that queues, limits as advised halve the tail`() async throws {
    let limits = try await advised(scenario(load: Self.calm, seconds: 400))
    #expect(limits == limits.sorted())
    let (bare, limited) = (
      try await figures(scenario(load: 0.9)), try await figures(scenario(load: 0.9, limits: limits))
    )
    #expect(limited.p99 < 0.5 * bare.p99, "\(limits): \(limited), not \(bare)")
  }
}
