internal import Control

/// Runs random scenarios and holds what the daemon did against the failure policy.
package struct HistoryRun: Sendable {
  /// What one scenario showed.
  package struct Outcome: Sendable {
    package var seed: UInt64
    package var ticks: Int
    package var writes: Int
    package var violations: [HistoryCheck.Violation]
  }

  /// - Parameters:
  ///   - seed: of the scenario and of its run.
  ///   - ticks: about how many; quick ones come on top.
  package static func outcome(
    seed: UInt64, ticks: Int = 60, requests: Double = 1500
  ) async -> Outcome {
    let scenario = Scenario.random(seed: seed, ticks: ticks, requests: requests)
    let strategy: SimulatedStrategy = seed % 4 == 0 ? .halfway : .capacity
    let run = SimulationRun(scenario: scenario, strategy: strategy, seed: seed)
    var outcome = Outcome(seed: seed, ticks: 0, writes: 0, violations: [])
    let log = RunLog()
    _ = await run.run(log: log)
    for daemon in log.daemons {
      outcome.ticks += daemon.reports.count
      outcome.writes += daemon.reports.reduce(0) { sum, report in
        sum + report.snapshot.backends.reduce(0) { $0 + $1.changes.count }
      }
      outcome.violations += HistoryCheck.violations(in: daemon.reports, settings: daemon.settings)
    }
    return outcome
  }

  /// Runs many, as many at once as there are cores.
  ///
  /// - Returns: ticks and writes of all.
  package static func total(
    seeds: ClosedRange<UInt64>, width: Int = 2, each: (Outcome) -> Void
  ) async -> (ticks: Int, writes: Int) {
    await withTaskGroup(of: Outcome.self) { group in
      var waiting = seeds.makeIterator()
      for _ in 0..<max(1, width) {
        guard let seed = waiting.next() else { break }
        group.addTask { await outcome(seed: seed) }
      }
      var (ticks, writes) = (0, 0)
      while let outcome = await group.next() {
        if !Task.isCancelled, let seed = waiting.next() {
          group.addTask { await Self.outcome(seed: seed) }
        }
        ticks += outcome.ticks
        writes += outcome.writes
        each(outcome)
      }
      return (ticks, writes)
    }
  }
}
