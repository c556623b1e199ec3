internal import ArgumentParser
internal import EvenkeelDaemon

struct PauseCommand: AsyncParsableCommand {
  private static let hour = "1h"

  static let configuration = CommandConfiguration(
    commandName: "pause",
    abstract: "Leaves weights as they are for a while.",
    discussion: """
      The running daemon writes no weight of what is paused, and goes on watching it. The pause ends \
      by itself, outlasts a restart of the daemon, and is shown by `evenkeel status`. Root and the \
      user of the daemon may do this.

      Example: evenkeel pause shop --for 30m
      Example: evenkeel pause shop s2 --for 2h
      """)

  @OptionGroup var brake: BrakeOptions

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp(
      "For how long: a whole number and s, m or h.", discussion: "Default: 1h.",
      valueName: "time"))
  var time: PauseTime?

  func run() async throws {
    try await brake.give(.pause, for: time ?? PauseTime(argument: Self.hour))
  }
}
