import Glibc
import Logging
import Testing

@testable import Systemd

@Suite struct LogDestinationTests {
  static let colours: [(isTerminal: Bool, noColor: String?, wanted: Bool)] = [
    (true, nil, true), (true, "", true), (true, "1", false), (true, "0", false),
    (false, nil, false),
  ]

  @Test(arguments: colours)
  func `colour is for a terminal whose user does not mind`(
    isTerminal: Bool, noColor: String?, wanted: Bool
  ) {
    #expect(LogDestination.wantsColour(isTerminal: isTerminal, noColor: noColor) == wanted)
  }

  @Test func `events go to the journal only when it reads standard error`() async {
    await #expect(processExitsWith: .success) {
      let stream = try Pipe()
      var status = stat()
      try #require(unsafe fstat(stream.writeEnd, &status) == 0)
      stream.asStandardError {
        unsafe unsetenv("JOURNAL_STREAM")
        #expect(LogDestination.ofStandardError() == .terminal(hasColour: false))
        unsafe setenv("JOURNAL_STREAM", "\(status.st_dev):\(status.st_ino)", 1)
        #expect(LogDestination.ofStandardError() == .journal)
      }
    }
  }

  @Test func `a handler is of the destination's kind and of the level asked for`() {
    let journal = LogDestination.journal.handler(label: "a", level: .debug)
    #expect(journal is JournalLogHandler)
    #expect(journal.logLevel == .debug)
    let terminal = LogDestination.terminal(hasColour: true).handler(label: "a", level: .error)
    #expect(terminal is TerminalLogHandler)
    #expect(terminal.logLevel == .error)
  }
}
