/// Many runs, several at once.
package struct SimulationBatch: Sendable {
  /// One run of it.
  package struct Job: Hashable, Sendable {
    /// Which of the scenarios.
    package var scenario: Int
    package var strategy: SimulatedStrategy
    package var seed: UInt64
  }

  /// What is kept of a run: its record may be large.
  package struct Outcome: Sendable {
    package var job: Job
    package var measures: RunMeasures
    /// Of the first seed, if a plot is wanted.
    package var plot: PlotBlock?
  }

  package var scenarios: [Scenario]
  package var jobs: [Job]
  private var plots: Set<Job>

  /// - Parameters:
  ///   - seed: the first; `nil` is each scenario's own.
  ///   - seeds: how many, one after the other.
  package init(
    _ scenarios: [Scenario], strategies: [SimulatedStrategy], seed: UInt64?, seeds: Int,
    wantsPlot: Bool
  ) {
    self.scenarios = scenarios
    jobs = scenarios.enumerated().flatMap { index, scenario in
      strategies.flatMap { strategy in
        (0..<max(1, seeds)).map {
          Job(scenario: index, strategy: strategy, seed: (seed ?? scenario.seed) &+ UInt64($0))
        }
      }
    }
    plots =
      wantsPlot ? Set(jobs.filter { $0.seed == seed ?? scenarios[$0.scenario].seed }) : []
  }

  /// Runs all of it.
  ///
  /// - Parameters:
  ///   - width: how many at once.
  ///   - tick: how often `progress` is told, beside each end of a run.
  ///   - simulate: one run.
  ///   - progress: takes the count of finished runs, and the time since the start.
  /// - Returns: in the order of the jobs.
  /// - Throws: `CancellationError` when cancelled.
  package func run(
    width: Int, tick: Duration = .seconds(1),
    simulate: @escaping @Sendable (Scenario, SimulatedStrategy, UInt64) async -> RunRecord,
    progress: (Int, Duration) -> Void
  ) async throws -> [Outcome] {
    let clock = ContinuousClock()
    let start = clock.now
    var outcomes: [Int: Outcome] = [:]
    try await withThrowingTaskGroup(of: Step.self) { group in
      var waiting = jobs.enumerated().makeIterator()
      func startNext() {
        guard let (index, job) = waiting.next() else { return }
        let scenario = scenarios[job.scenario]
        let wantsPlot = plots.contains(job)
        // Below all else, so that a signal is heard while all cores simulate.
        group.addTask(priority: .low) {
          let record = await simulate(scenario, job.strategy, job.seed)
          // A run that was broken off has no figures.
          try Task.checkCancellation()
          return .finished(
            index,
            Outcome(
              job: job, measures: RunMeasures(record),
              plot: wantsPlot ? PlotBlock(record) : nil))
        }
      }
      func startTick() {
        group.addTask {
          try await Task.sleep(for: tick)
          return .tick
        }
      }
      for _ in 0..<max(1, width) { startNext() }
      startTick()
      while outcomes.count < jobs.count, let step = try await group.next() {
        switch step {
        case .finished(let index, let outcome):
          outcomes[index] = outcome
          startNext()
        case .tick: startTick()
        }
        progress(outcomes.count, clock.now - start)
      }
      group.cancelAll()
    }
    return jobs.indices.compactMap { outcomes[$0] }
  }

  private enum Step: Sendable {
    case finished(Int, Outcome)
    case tick
  }
}
