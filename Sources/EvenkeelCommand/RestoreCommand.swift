internal import ArgumentParser
internal import EvenkeelDaemon

struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Puts HAProxy's own weights back now, and leaves them so.",
    discussion: """
      The weights are those of HAProxy's configuration. What is restored is paused after it, until \
      `evenkeel resume`, or for the time given. Servers of weight 0 are left as they are.

      Example: evenkeel restore shop
      """)

  @OptionGroup var brake: BrakeOptions

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp(
      "How long to leave them so: a whole number and s, m or h.",
      discussion: "Default: until `evenkeel resume`.", valueName: "time"))
  var time: PauseTime?

  func run() async throws { try await brake.give(.restore, for: time) }
}
