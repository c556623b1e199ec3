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
    let scenario = Scenario.random(
      seed: seed, ticks: ticks, requests: requests, hasFaults: true)
    let strategy: SimulatedStrategy = seed % 4 == 0 ? .halfway : .capacity
    return await outcome(of: scenario, strategy: strategy, seed: seed)
  }

  /// Runs one scenario, whatever it is.
  ///
  /// In some clusters weights that were at rest jump by themselves. Where one moves beside a reading
  /// that cannot be, the same run without that reading tells whether it is one of those.
  package static func outcome(
    of scenario: Scenario, strategy: SimulatedStrategy, seed: UInt64
  ) async -> Outcome {
    var outcome = await outcome(of: scenario, against: scenario, strategy, seed)
    func isMove(_ violation: HistoryCheck.Violation) -> Bool {
      violation.rule == .believedContradicted
    }
    guard outcome.violations.contains(where: isMove) else { return outcome }
    let twin = await Self.outcome(
      of: scenario.withoutContradictions, against: scenario, strategy, seed)
    if twin.violations.contains(where: isMove) { outcome.violations.removeAll(where: isMove) }
    return outcome
  }

  /// - Parameter told: the scenario whose faults are looked for.
  private static func outcome(
    of scenario: Scenario, against told: Scenario, _ strategy: SimulatedStrategy, _ seed: UInt64
  ) async -> Outcome {
    let run = SimulationRun(scenario: scenario, strategy: strategy, seed: seed)
    var outcome = Outcome(seed: seed, ticks: 0, writes: 0, violations: [])
    let log = RunLog()
    let truth = GroundTruth(told, await run.run(log: log).seconds)
    for daemon in log.daemons {
      outcome.ticks += daemon.reports.count
      outcome.writes += daemon.reports.reduce(0) { sum, report in
        sum + report.snapshot.backends.reduce(0) { $0 + $1.changes.count }
      }
      outcome.violations += HistoryCheck.violations(
        in: daemon.reports, settings: daemon.settings, truth: truth)
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
