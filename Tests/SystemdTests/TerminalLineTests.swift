import Glibc
import Logging
import Testing

@testable import Systemd

@Suite struct TerminalLineTests {
  @Test(arguments: [
    (Logger.Level.trace, "09:05:07 trace    m"),
    (.debug, "09:05:07 debug    m"),
    (.info, "09:05:07 info     m"),
    (.notice, "09:05:07 notice   m"),
    (.warning, "09:05:07 warning  m"),
    (.error, "09:05:07 error    m"),
    (.critical, "09:05:07 critical m"),
  ])
  func `a line is time, level and sentence`(level: Logger.Level, line: String) {
    #expect(self.line(event("m", level: level), hasColour: false) == line)
  }

  @Test func `on a terminal the levels that matter are coloured, and nothing else is`() {
    let error = line(event("m", level: .error), hasColour: true)
    #expect(error == "09:05:07 \u{1B}[31merror\u{1B}[0m    m")
    let info = line(event("m", level: .info), hasColour: true)
    #expect(info == "09:05:07 info     m")
  }

  @Test(arguments: [
    ("\u{1B}[2J", "\\u{1B}[2J"),
    ("a\nb\r\n\tc", "a\\nb\\r\\n\\tc"),
    ("\u{9B}2J", "\\u{009B}2J"),
    ("\u{7F}\u{0}", "\\u{7F}\\0"),
    ("a\u{2028}b", "a\\u{2028}b"),
    ("\u{202E}txt.exe", "\\u{202E}txt.exe"),
    ("größer → 漢字 👩‍👩‍👧‍👦", "größer → 漢字 👩‍👩‍👧‍👦"),
  ])
  func `what came from outside cannot move the cursor or fake a line`(text: String, shown: String) {
    let line = line(event("m", metadata: ["text": .string(text)]), hasColour: false)
    #expect(line == "09:05:07 info     \(shown)")
  }

  @Test func `the time is the machine's own`() async {
    await #expect(processExitsWith: .success) {
      unsafe setenv("TZ", "IST-5:30", 1)
      tzset()
      #expect(TimeOfDay(secondsSinceEpoch: 86_399).description == "05:29:59")
    }
  }

  private func line(_ event: LogEvent, hasColour: Bool) -> String {
    TerminalLine(
      record: record(event), time: TimeOfDay(hour: 9, minute: 5, second: 7), hasColour: hasColour
    ).description
  }
}
