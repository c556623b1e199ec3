internal import ArgumentParser
internal import Control
internal import EvenkeelDaemon

struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Looks for some seconds, and prints what `run` would write and why; writes nothing.",
    discussion: """
      Looks once a second, as the daemon does at its start, until each server has a rate: that takes \
      as long as cAdvisor takes for two samples of each container. Goes on from what the daemon has \
      learned, where that may be read. The last line is the promise: the weights that `run` would \
      write, and the spread that is expected of them (the fullest server's utilisation over the \
      mean: 1 is level).

      Exit codes: 0 there is a plan for every backend, 1 there is none, and why, 69 a part is \
      unreachable, 78 the configuration is wrong.

      Example: evenkeel plan --config config.json --window 1m
      """)

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var state: StateOptions

  @Option(
    help: ArgumentHelp(
      "The longest time to look: 1s to 10m.",
      discussion: "Default: \(DurationText(PlanReport.standardLook)).", valueName: "duration"))
  var window: DurationArgument?

  @Flag(help: "Print the plan as JSON.")
  var json = false

  func run() async throws {
    let configuration = configuration
    let window = window?.duration ?? PlanReport.standardLook
    let learned = Self.learned(in: state.directory)
    let found = try await Signals.run {
      try await configuration.withFleet { configuration, fleet in
        Output.error(
          "looking until each server has a rate, for \(DurationText(window)) at the most …")
        return try await SingleLook(configuration: configuration, fleet: fleet)
          .plan(within: window, from: learned)
      }
    }
    guard let snapshot = found else { throw ExitCode.failure }
    let report = PlanReport(snapshot, within: window)
    if json { try Output.json(report) } else { Output.data(report.text) }
    if snapshot.isIncomplete { throw Process.unreachable }
    if report.isIncomplete { throw ExitCode.failure }
  }

  /// What `run` would go on from.
  private static func learned(in directory: String) -> LearnedFleet {
    do {
      let file = StateFile<LearnedFleet>.learned(in: directory)
      guard let learned = try file.load(now: .onWallClock, boot: .now) else {
        return LearnedFleet()
      }
      Output.error(
        "what the daemon has learned of \(learned.count) server(s) is used: \(file.path)")
      return learned
    } catch {
      Output.error("\(error); planning without what the daemon has learned")
      return LearnedFleet()
    }
  }
}

/// A duration as the configuration writes it.
struct DurationArgument: ExpressibleByArgument, Sendable {
  let duration: Duration

  init?(argument: String) {
    guard let duration = DurationText(parsing: argument)?.duration,
      (PlanReport.shortestLook...PlanReport.longestLook).contains(duration)
    else { return nil }
    self.duration = duration
  }
}

extension PlanReport {
  fileprivate var text: String {
    var sections = backends.map { backend in
      ([backend.title.shown, backend.table.text] + [backend.slotsText].compactMap(\.self))
        .joined(separator: "\n")
    }
    let failures = (endpoints + balancers).compactMap(\.failure)
    if !failures.isEmpty {
      sections.append(
        "Unreachable:\n" + failures.map { "  \($0.shown)" }.joined(separator: "\n"))
    }
    let lines = promises.map { promise in
      promises.count > 1 ? "\(promise.backend): \(promise.sentence)" : promise.sentence
    }
    sections.append(lines.map(\.shown).joined(separator: "\n"))
    return sections.joined(separator: "\n\n")
  }
}
