internal import Glibc
package import Logging

/// Where this process's log events go.
package enum LogDestination: Hashable, Sendable {
  /// Straight to the journal, with fields.
  case journal
  /// To standard error, as text.
  case terminal(hasColour: Bool)

  /// The journal where it reads standard error anyway, else standard error; coloured on a terminal
  /// whose user has not set NO_COLOR.
  package static func ofStandardError() -> LogDestination {
    if JournalStream.isStderr { return .journal }
    return .terminal(
      hasColour: wantsColour(
        isTerminal: isatty(STDERR_FILENO) == 1, noColor: environmentVariable("NO_COLOR")))
  }

  /// Makes a log handler, in the form that `LoggingSystem.bootstrap` asks for one.
  package func handler(label: String, level: Logger.Level) -> any LogHandler {
    switch self {
    case .journal: JournalLogHandler(label: label, level: level)
    case .terminal(let hasColour): TerminalLogHandler(level: level, hasColour: hasColour)
    }
  }

  /// An empty NO_COLOR counts as none: no-color.org.
  static func wantsColour(isTerminal: Bool, noColor: String?) -> Bool {
    isTerminal && (noColor ?? "").isEmpty
  }
}
