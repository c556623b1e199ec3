internal import ArgumentParser
internal import CheckedJSON
internal import EvenkeelDaemon

@main
struct Evenkeel: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evenkeel",
    abstract: "Keeps the servers behind HAProxy equally loaded.",
    discussion: """
      Polls cAdvisor on the container hosts, works out how loaded each backend server's \
      container really is, and sets the servers' weights in HAProxy while traffic flows.

      Begin with `evenkeel init`, which writes a first configuration, then `evenkeel check`, then \
      `evenkeel plan`, then `evenkeel run`. `evenkeel demo` shows it at work without a configuration.

      The configuration is looked for at --config, $EVENKEEL_CONFIG, /etc/evenkeel/config.json.

      Exit codes: 0 done, 1 failed, 2 usage, 69 a part is unreachable, 78 configuration.
      """,
    version: evenkeelVersion,
    subcommands: [
      InitCommand.self, RunCommand.self, CheckCommand.self, PlanCommand.self, OnceCommand.self,
      StatusCommand.self, ExplainCommand.self, PauseCommand.self, ResumeCommand.self,
      RestoreCommand.self, DemoCommand.self, SimulateCommand.self, VersionCommand.self,
    ])

  static func main() async {
    Process.prepare()
    do {
      try refuseUnknownCommand()
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      if Plugin.isWanted(CommandLine.arguments) { Plugin.refuse(error) }
      Process.exit(for: error)
    }
  }

  /// Names the command that was probably meant: by itself the parser calls it an unexpected argument,
  /// and shows the general help for `help nope`.
  private static func refuseUnknownCommand() throws {
    var words = CommandLine.arguments.dropFirst()
    if words.first == "help" { words = words.dropFirst() }
    let known = configuration.subcommands.compactMap { $0.configuration.commandName }
    guard let word = words.first, !word.hasPrefix("-"), !(known + ["help"]).contains(word) else {
      return
    }
    throw ValidationError(
      "There is no command `\(word)` (\(NearestText.hint(insteadOf: word, among: known))).")
  }
}

/// As `--version`, for those who are used to it.
struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Prints the version.", discussion: "Example: evenkeel version"
  )

  func run() { Output.data(evenkeelVersion) }
}
