internal import ArgumentParser
internal import CheckedJSON
internal import EvenkeelDaemon
internal import FoundationEssentials
internal import Glibc
internal import Simulation

struct SimulateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Plays a cluster in memory under evenkeel's strategies and others, and compares.",
    discussion: """
      The simulated cluster is steered by the daemon's own code, much faster than real time, and \
      the same seed gives the same figures. A scenario is a JSON file of your own or the name of \
      one that evenkeel has (see --list); `all` is all of those.

      --family runs generated scenarios, in which neighbours come and go on the hosts, and tells \
      how evenkeel's figures compare with those of the same algorithm under the weights of its \
      configuration. They are called family-1, family-2 and so on, and can be run by these names.

      Exit codes: 0 done, 1 failed or interrupted, 2 usage, 78 a scenario is wrong.

      Example: evenkeel simulate 03-neighbour --strategy capacity --strategy oracle --seeds 10 \
      --plot neighbour.svg
      """)

  @Argument(help: "Scenarios: files, names, or `all`.")
  var scenarios: [String] = []

  @Option(
    name: .customLong("strategy"),
    help: ArgumentHelp(
      "A strategy to run; give it again for another.", discussion: "Default: all of --list.",
      valueName: "name"))
  var strategies: [String] = []

  @Option(help: "The first seed; by default the scenario's own.")
  var seed: UInt64?

  @Option(help: "How many seeds, one after the other: 1 to \(Self.mostSeeds).")
  var seeds = 1

  @Option(
    help: ArgumentHelp(
      "The controller's interval, instead of the scenario's: 1s to 10m.", valueName: "duration"))
  var interval: DurationArgument?

  @Flag(help: "Print the figures of each run as JSON.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Draw utilisation and weight by server over time, with the first seed, as SVG.",
      valueName: "file.svg"))
  var plot: String?

  @Option(
    help: ArgumentHelp(
      "Instead of scenarios, run so many random ones, and hold each tick against the failure policy.",
      valueName: "seeds"))
  var history: Int?

  @Option(
    help: ArgumentHelp(
      "Instead of scenarios, run so many of the generated family, from --seed (1) on, and compare.",
      valueName: "scenarios"))
  var family: Int?

  @Flag(help: "Print the scenario as a file of one's own can be, and do nothing.")
  var print = false

  @Flag(help: "Print the scenarios and strategies that there are, and do nothing.")
  var list = false

  private static let mostSeeds = 1000
  private static let mostHistories = 1_000_000
  private static let mostMembers = 100_000

  func validate() throws {
    if let history {
      guard (1...Self.mostHistories).contains(history), scenarios.isEmpty else {
        throw ValidationError(
          "--history takes a number from 1 to \(Self.mostHistories), and no scenarios.")
      }
      return
    }
    if let family {
      guard (1...Self.mostMembers).contains(family), scenarios.isEmpty else {
        throw ValidationError(
          "--family takes a number from 1 to \(Self.mostMembers), and no scenarios.")
      }
      guard strategies.isEmpty, seeds == 1, plot == nil, !print else {
        throw ValidationError(
          "--family goes with --seed, --interval and --json; run one of its scenarios for more.")
      }
      return
    }
    guard !print || scenarios.count == 1 else {
      throw ValidationError("--print takes one scenario.")
    }
    guard list || !scenarios.isEmpty else {
      throw ValidationError("Name a scenario, or `all`; --list shows what there is.")
    }
    guard (1...Self.mostSeeds).contains(seeds) else {
      throw ValidationError("--seeds takes a number from 1 to \(Self.mostSeeds).")
    }
    _ = try chosenStrategies
  }

  func run() async throws {
    guard !list else {
      Output.data(Self.list)
      return
    }
    if let history { return try await check(history) }
    if let family { return try await compare(family) }
    if print {
      for scenario in try loadedScenarios { Output.raw(ScenarioFile.text(of: scenario)) }
      return
    }
    let batch = SimulationBatch(
      try loadedScenarios, strategies: try chosenStrategies, seed: seed, seeds: seeds,
      wantsPlot: plot != nil)
    guard let plot else {
      _ = try await report(batch)
      return
    }
    try await PlotFile.fill(plot) {
      Plot.svg(try await report(batch).compactMap(\.plot))
    }
  }

  /// Runs random scenarios, and prints what was against the failure policy, if anything.
  private func check(_ count: Int) async throws {
    let first = seed ?? 1
    let (last, isTooLarge) = first.addingReportingOverflow(UInt64(count - 1))
    guard !isTooLarge else { throw ValidationError("--seed is too large.") }
    let found = try await Signals.run {
      var violations = 0
      let total = await HistoryRun.total(
        seeds: first...last, width: ProcessInfo.processInfo.activeProcessorCount
      ) { outcome in
        violations += outcome.violations.count
        for violation in outcome.violations { Output.data("seed \(outcome.seed): \(violation)") }
      }
      return (total, violations)
    }
    guard let (total, violations) = found else { throw ExitCode.failure }
    Output.data("\(total.ticks) ticks, \(total.writes) writes, \(violations) against the policy")
    guard violations == 0 else { throw ExitCode.failure }
  }

  /// Runs a part of the family, and prints how its figures compare.
  private func compare(_ count: Int) async throws {
    let first = seed ?? 1
    guard FamilyMember.numbers.contains(first),
      FamilyMember.numbers.upperBound - first >= UInt64(count)
    else { throw ValidationError("--seed is too large.") }
    let members = (0..<UInt64(count)).map { FamilyMember(first + $0) }
    var scenarios = members.map(\.scenario)
    if let interval {
      for index in scenarios.indices { scenarios[index].intervalSeconds = interval.inSeconds }
    }
    let batch = SimulationBatch(
      scenarios, strategies: FamilyResult.strategies, seed: nil, seeds: 1, wantsPlot: false)
    let found = try await Signals.run { try await Self.outcomes(of: batch) }
    guard let outcomes = found else { throw ExitCode.failure }
    let results = FamilyResult.all(of: members, outcomes)
    if json { return try Output.json(FamilyReport(results)) }
    let tables = FamilyTables(results)
    Output.data(
      [tables.quantiles.text, tables.worst.text, FamilyTables.legend].joined(separator: "\n\n"))
  }

  /// Runs all, and prints what it comes to.
  private func report(_ batch: SimulationBatch) async throws -> [SimulationBatch.Outcome] {
    let found = try await Signals.run { try await Self.outcomes(of: batch) }
    guard let outcomes = found else { throw ExitCode.failure }
    if json {
      try Output.json(SimulationReport(runs: outcomes.map(\.measures)))
      return outcomes
    }
    let sections = batch.scenarios.enumerated().map { index, scenario in
      let runs = outcomes.filter { $0.job.scenario == index }.map(\.measures)
      return ScenarioTables(scenario, runs: runs).text
    }
    Output.data((sections + [ScenarioTables.legend]).joined(separator: "\n\n"))
    return outcomes
  }

  private static func outcomes(
    of batch: SimulationBatch
  ) async throws -> [SimulationBatch.Outcome] {
    var line = ProgressLine(
      total: batch.jobs.count,
      isTerminal: isatty(STDERR_FILENO) == 1 && Process.environment["TERM"] != "dumb")
    defer { if let ending = line.ending { Output.progress(ending) } }
    return try await batch.run(
      width: ProcessInfo.processInfo.activeProcessorCount,
      simulate: { scenario, strategy, seed in
        await SimulationRun(scenario: scenario, strategy: strategy, seed: seed).run()
      },
      progress: { done, elapsed in
        if let text = line.text(done: done, after: elapsed) { Output.progress(text) }
      })
  }

  /// Those that were named, or all, each once.
  private var chosenStrategies: [SimulatedStrategy] {
    get throws {
      let known = SimulatedStrategy.allCases
      guard !strategies.isEmpty else { return known }
      let chosen = try strategies.map { name in
        guard let strategy = SimulatedStrategy(rawValue: name) else {
          let hint = NearestText.hint(insteadOf: name, among: known.map(\.rawValue))
          throw ValidationError("There is no strategy `\(name)` (\(hint)).")
        }
        return strategy
      }
      return known.filter(chosen.contains)
    }
  }

  /// Those that were named, each once.
  ///
  /// - Throws: `Process.wrongConfiguration`, once all that is wrong with any of them is printed.
  private var loadedScenarios: [Scenario] {
    get throws {
      let names = scenarios.flatMap { $0 == "all" ? ShippedScenarios.names : [$0] }
        .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      var wrong: [InvalidFile] = []
      let loaded = names.compactMap { name -> Scenario? in
        do throws(InvalidFile) {
          var scenario = try Self.scenario(name)
          if let interval { scenario.intervalSeconds = interval.inSeconds }
          return scenario
        } catch {
          wrong.append(error)
          return nil
        }
      }
      guard wrong.isEmpty else {
        Output.error(wrong.map(\.description).joined(separator: "\n"))
        throw Process.wrongConfiguration
      }
      return loaded
    }
  }

  private static func scenario(_ name: String) throws(InvalidFile) -> Scenario {
    if let shipped = try ShippedScenarios.named(name) { return shipped }
    if let member = FamilyMember(named: name) { return member.scenario }
    let bytes: [UInt8]
    do throws(RegularFile.Failure) {
      bytes = try RegularFile.read(name, limit: ScenarioFile.maximumSize)
    } catch {
      let nearest = NearestText.nearest(to: name, among: ShippedScenarios.names)
      throw InvalidFile(
        file: name, error,
        hintIfAbsent: nearest.map { "did you mean `\($0)`?" }
          ?? "name a file, or a scenario of `evenkeel simulate --list`")
    }
    return try ScenarioFile.parse(bytes, file: name)
  }

  private static var list: String {
    var scenarios = TextTable(["SCENARIO", ""])
    for name in ShippedScenarios.names {
      scenarios.add([name, (try? ShippedScenarios.named(name))?.description ?? ""])
    }
    var strategies = TextTable(["STRATEGY", ""])
    for strategy in SimulatedStrategy.allCases {
      strategies.add([strategy.rawValue, strategy.summary])
    }
    return "\(scenarios.text)\n\n\(strategies.text)"
  }
}

extension ScenarioTables {
  fileprivate var text: String {
    "\(title)\n" + tables.map(\.text).joined(separator: "\n\n")
  }
}

extension ReportTable {
  fileprivate var text: String {
    var text = TextTable(header)
    for row in rows { text.add(row) }
    return text.text
  }
}

extension DurationArgument {
  fileprivate var inSeconds: Double { duration / .seconds(1) }
}

extension Output {
  /// Writes to standard error as it is; what is lost there is no harm.
  fileprivate static func progress(_ text: String) {
    _ = unsafe Array(text.utf8).withUnsafeBytes { buffer in
      unsafe Glibc.write(STDERR_FILENO, buffer.baseAddress, buffer.count)
    }
  }
}
