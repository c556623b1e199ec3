internal import ArgumentParser
internal import EvenkeelDaemon

struct ResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Ends a pause.",
    discussion: """
      Without a name it ends all pauses, with a backend's that and those of its servers. The next \
      weights go on from those that stand.

      Example: evenkeel resume shop
      """)

  @OptionGroup var brake: BrakeOptions

  func run() async throws { try await brake.give(.resume) }
}
