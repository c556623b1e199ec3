import EvenkeelDaemon
import Testing

struct DurationTextTests {
  @Test(
    arguments: [
      ("10s", .seconds(10)), ("500ms", .milliseconds(500)), ("2m", .seconds(120)),
      ("1h", .seconds(3600)), ("90s", .seconds(90)), ("0s", .zero), ("007s", .seconds(7)),
    ] as [(String, Duration)])
  func `a whole number and a unit is a duration`(text: String, duration: Duration) {
    #expect(DurationText(parsing: text)?.duration == duration)
  }

  @Test(arguments: [
    "", "10", "s", "10 s", " 10s", "10s ", "-1s", "+1s", "1.5s", "1e3s", "10S", "10sec", "1m30s",
    "1d", "٣s", "99999999999999999999s", "9223372036854775807h", "9000000000000h",
  ])
  func `everything else is none`(text: String) {
    #expect(DurationText(parsing: text) == nil)
  }

  @Test(
    arguments: [
      (.seconds(10), "10s"), (.milliseconds(1500), "1500ms"), (.seconds(120), "2m"),
      (.seconds(90), "90s"), (.seconds(7200), "2h"), (.zero, "0s"), (.microseconds(2500), "2ms"),
      (.microseconds(1), "0s"), (.seconds(-3), "-3s"),
      (.seconds(Int64.max), "9223372036854775807s"),
    ] as [(Duration, String)])
  func `a duration prints in the largest unit without a rest`(duration: Duration, text: String) {
    #expect(DurationText(duration).description == text)
  }

  @Test func `what it prints it reads again`() {
    for milliseconds in [1, 999, 1_000, 59_000, 60_000, 61_000, 3_600_000, 86_400_000] {
      let duration = Duration.milliseconds(milliseconds)
      #expect(DurationText(parsing: DurationText(duration).description)?.duration == duration)
    }
  }
}
