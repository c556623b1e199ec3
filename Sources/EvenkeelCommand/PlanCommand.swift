internal import ArgumentParser
internal import Control
internal import EvenkeelDaemon

struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Looks twice, and prints what it would set and why; changes nothing.",
    discussion: "Example: evenkeel plan --config config.json --window 5s")

  @OptionGroup var configuration: ConfigurationOptions

  @Option(
    help: ArgumentHelp(
      "Time between the two looks: 1s to 10m.", discussion: "Default: the configured interval.",
      valueName: "duration"))
  var window: DurationArgument?

  @Flag(help: "Print the plan as JSON.")
  var json = false

  func run() async throws {
    let configuration = configuration
    let window = window?.duration
    let found = try await Signals.run {
      try await configuration.withFleet { configuration, fleet in
        let window = window ?? configuration.interval
        Output.error("looking twice, \(DurationText(window)) apart …")
        return try await SingleLook(configuration: configuration, fleet: fleet)
          .plan(window: window)
      }
    }
    guard let snapshot = found else { throw ExitCode.failure }
    let report = PlanReport(snapshot)
    if json { try Output.json(report) } else { Output.data(report.text) }
    if snapshot.isIncomplete { throw Process.unreachable }
  }
}

/// A duration as the configuration writes it.
struct DurationArgument: ExpressibleByArgument, Sendable {
  let duration: Duration

  init?(argument: String) {
    guard let duration = DurationText(parsing: argument)?.duration,
      (Duration.seconds(1)...Duration.seconds(600)).contains(duration)
    else { return nil }
    self.duration = duration
  }
}

extension PlanReport {
  fileprivate var text: String {
    var sections = backends.map { backend in
      ([backend.title, backend.table.text] + [backend.slotsText].compactMap(\.self))
        .joined(separator: "\n")
    }
    let failures = (endpoints + balancers).compactMap(\.failure)
    if !failures.isEmpty {
      sections.append("Unreachable:\n" + failures.map { "  \($0)" }.joined(separator: "\n"))
    }
    return sections.joined(separator: "\n\n")
  }
}
