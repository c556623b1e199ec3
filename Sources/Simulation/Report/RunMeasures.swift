/// What a run comes to.
package struct RunMeasures: Hashable, Sendable {
  package var scenario: String
  package var strategy: SimulatedStrategy
  package var seed: UInt64
  package var phases: [PhaseMeasures]
  /// Of the whole run.
  package var requests: RequestFigures
  /// Of those that arrived in the second half of the run.
  package var secondHalf: RequestFigures

  package init(_ record: RunRecord) {
    scenario = record.scenario.name
    strategy = record.strategy
    seed = record.seed
    let phases = record.scenario.phases
    let moving = MovingUtilisation(record.seconds)
    let spreads = moving.spreads
    let figures = record.requestFigures(by: phases)
    requests = figures.all
    let length = record.scenario.durationSeconds
    let half = Phase(fromSeconds: length / 2, toSeconds: length, label: "second half")
    secondHalf = record.requestFigures(by: [half]).phases.first ?? figures.all
    self.phases = zip(phases, figures.phases).map { phase, requests in
      let truth = PhaseSpreads(phase, of: moving, spreads: spreads)
      return PhaseMeasures(
        fromSeconds: phase.fromSeconds,
        settle110Seconds: truth.settleSeconds(limit: 1.10),
        settle125Seconds: truth.settleSeconds(limit: 1.25),
        spreadMean: truth.steady, spreadWorst: truth.steadyWorst, requests: requests,
        writesPerServerHour: record.writesPerServerHour(in: phase))
    }
  }
}

/// What one phase of a run comes to.
package struct PhaseMeasures: Hashable, Sendable {
  package var fromSeconds: Double
  /// Seconds from the phase's start until the spread stayed at most 1.10; `nil` for never.
  package var settle110Seconds: Double?
  /// The same for 1.25.
  package var settle125Seconds: Double?
  /// The spread of the servers' averages over the second half; `nil` if no server served.
  package var spreadMean: Double?
  /// The largest spread over 10 s in the second half.
  package var spreadWorst: Double?
  /// Of those that arrived in the phase.
  package var requests: RequestFigures
  /// Weights written in the second half, on all balancers together.
  package var writesPerServerHour: Double
}

extension RunRecord {
  fileprivate func writesPerServerHour(in phase: Phase) -> Double {
    let half = phase.halfSeconds..<phase.toSeconds
    let hours = (phase.toSeconds - phase.halfSeconds) / 3600
    guard !servers.isEmpty, hours > 0 else { return 0 }
    let count = writes.count { half.contains($0.atSeconds) }
    return Double(count) / Double(servers.count) / hours
  }
}
