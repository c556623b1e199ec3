internal import Control

/// What the runs of one scenario come to: a row for each strategy.
package struct ScenarioTables: Hashable, Sendable {
  package var title: String
  /// One, or several when one would be too wide.
  package var tables: [ReportTable]

  /// What the columns mean.
  package static let legend = """
    A figure is the median over the seeds, with the worst in parentheses where it differs.
    ×ORACLE  p99 over the oracle's with the same seed
    STEADY   highest over mean of the servers' average utilisations in each phase's second half,
             mean over all phases and seeds
    WORST    the same over a moving 10 s, the worst of all
    WRITES   weights written per server and hour in the phases' second halves
    @120 …   seconds from that disturbance until the spread over a moving 10 s stayed at most
             1.10/1.25 for 20 s; – is never
    """

  /// - Parameter runs: all of this scenario, with the same seeds for each strategy.
  package init(_ scenario: Scenario, runs: [RunMeasures], width: Int = 120) {
    let seeds = Set(runs.map(\.seed)).sorted()
    let strategies = SimulatedStrategy.allCases.filter { strategy in
      runs.contains { $0.strategy == strategy }
    }
    let oracle = Dictionary(
      runs.filter { $0.strategy == .oracle }.map { ($0.seed, $0.requests.p99Milliseconds) },
      uniquingKeysWith: { first, _ in first })
    let rows = strategies.map { strategy in
      StrategySummary(runs.filter { $0.strategy == strategy }, oracleP99: oracle)
    }
    title =
      "\(scenario.name): \(seeds.count == 1 ? "seed" : "\(seeds.count) seeds,") "
      + Self.text(seeds: seeds)
    tables = ReportTable.tables(
      title: "STRATEGY", labels: strategies.map(\.rawValue),
      groups: [Self.figures(rows), Self.settling(rows, phases: scenario.phases)], limit: width)
  }

  private static func text(seeds: [UInt64]) -> String {
    guard let first = seeds.first, let last = seeds.last else { return "none" }
    return first == last ? "\(first)" : "\(first)…\(last)"
  }

  private static func figures(_ rows: [StrategySummary]) -> [ReportTable.Column] {
    func column(
      _ title: String, _ figure: KeyPath<StrategySummary, OverSeeds>,
      _ words: (Double) -> String
    ) -> ReportTable.Column {
      ReportTable.Column(title: title, cells: rows.map { $0[keyPath: figure].cell(words) })
    }
    func plain(_ title: String, _ figure: (StrategySummary) -> Double?) -> ReportTable.Column {
      ReportTable.Column(
        title: title,
        cells: rows.map { .init(text: figure($0).map { decimal($0, 2) } ?? "–") })
    }
    return [
      column("P50", \.p50, latency), column("P99", \.p99, latency),
      column("×ORACLE", \.overOracle) { decimal($0, 2) },
      column("FAILED", \.failed) { decimal($0, 0) },
      plain("STEADY", \.steady), plain("WORST", \.worst),
      column("WRITES", \.writes) { decimal($0, $0 < 9.95 ? 1 : 0) },
    ]
  }

  private static func settling(
    _ rows: [StrategySummary], phases: [Phase]
  ) -> [ReportTable.Column] {
    phases.enumerated().map { index, phase in
      let title =
        phase.fromSeconds == 0 ? "START" : "@\(decimal(phase.fromSeconds, 0)) \(phase.label)"
      return ReportTable.Column(
        title: title.count > 24 ? "\(title.prefix(23))…" : title,
        cells: rows.map { row in
          guard row.settling.indices.contains(index) else { return .init(text: "–") }
          let (tight, loose) = row.settling[index]
          let pair = ReportTable.Column.Cell(
            text: "\(seconds(tight.median))/\(seconds(loose.median))",
            worst: "\(seconds(tight.worst))/\(seconds(loose.worst))")
          return pair.text == pair.worst ? .init(text: pair.text) : pair
        })
    }
  }

  private static func seconds(_ value: Double) -> String { decimal(value, 0) }

  private static func latency(_ milliseconds: Double) -> String {
    if milliseconds < 1000 { return "\(decimal(milliseconds, 0)) ms" }
    let seconds = milliseconds / 1000
    return "\(decimal(seconds, seconds < 9.995 ? 2 : 1)) s"
  }
}

/// One strategy's runs, taken together.
private struct StrategySummary {
  var p50: OverSeeds
  var p99: OverSeeds
  var overOracle: OverSeeds
  var failed: OverSeeds
  var writes: OverSeeds
  /// Over all phases and seeds; `nil` without any.
  var steady: Double?
  var worst: Double?
  /// By phase: to 1.10 and to 1.25.
  var settling: [(OverSeeds, OverSeeds)]

  /// - Parameter oracleP99: by seed, in milliseconds.
  init(_ runs: [RunMeasures], oracleP99: [UInt64: Double?]) {
    p50 = OverSeeds(runs.compactMap(\.requests.p50Milliseconds))
    p99 = OverSeeds(runs.compactMap(\.requests.p99Milliseconds))
    overOracle = OverSeeds(
      runs.compactMap { run in
        guard let own = run.requests.p99Milliseconds, let ideal = oracleP99[run.seed] ?? nil,
          ideal > 0
        else { return nil }
        return own / ideal
      })
    failed = OverSeeds(runs.map { Double($0.requests.failed) })
    writes = OverSeeds(runs.compactMap { mean($0.phases.map(\.writesPerServerHour)) })
    let phases = runs.flatMap(\.phases)
    steady = mean(phases.compactMap(\.spreadMean))
    worst = phases.compactMap(\.spreadWorst).max()
    settling = (0..<(runs.map(\.phases.count).min() ?? 0)).map { index in
      (
        OverSeeds(runs.map { $0.phases[index].settle110Seconds ?? .infinity }),
        OverSeeds(runs.map { $0.phases[index].settle125Seconds ?? .infinity })
      )
    }
  }
}

/// A figure, of which less is better, over the seeds.
private struct OverSeeds {
  /// Not a number without any.
  var median = Double.nan
  var worst = Double.nan

  init(_ values: [Double]) {
    let sorted = values.sorted()
    guard let last = sorted.last else { return }
    // Of an even count the mean of the middle two; with one of them infinite, never.
    median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    worst = last
  }

  func cell(_ words: (Double) -> String) -> ReportTable.Column.Cell {
    guard !median.isNaN else { return .init(text: "–") }
    return words(median) == words(worst)
      ? .init(text: words(median)) : .init(text: words(median), worst: words(worst))
  }
}

private func mean(_ values: [Double]) -> Double? {
  values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}
