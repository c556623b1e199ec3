internal import ArgumentParser
internal import EvenkeelDaemon
internal import Glibc

/// The promise to a monitoring system: one line on standard output, and an exit code of 0…3, whatever
/// is wrong. Others are taken for no answer, or for a cause to wake somebody.
enum Plugin {
  /// Whether this process is asked to answer as a plugin, wherever in a command line that may be
  /// wrong.
  static func isWanted(_ arguments: [String]) -> Bool {
    arguments.dropFirst().contains { $0 == "--nagios" || $0.hasPrefix("--nagios=") }
  }

  /// Answers, and ends the process.
  static func answer(_ verdict: NagiosVerdict, details: String = "") -> Never {
    Output.data(details.isEmpty ? verdict.text : "\(verdict.text)\n\(details)")
    Glibc.exit(verdict.state.rawValue)
  }

  /// Answers that there was no question, or a wrong one, and ends the process.
  static func refuse(_ error: any Error) -> Never {
    let isHelp = Evenkeel.exitCode(for: error) == .success
    let message = isHelp ? "only help or the version was asked for" : Evenkeel.message(for: error)
    answer(
      NagiosVerdict(unknown: message.isEmpty ? "\(error)" : message),
      details: isHelp ? Evenkeel.fullMessage(for: error) : "")
  }
}
