import Logging
import Testing

@testable import Demo

struct ScreenTests {
  private func frame(second: Int, remark: String? = nil) -> Frame {
    Frame(
      phase: .steering, elapsed: .seconds(second), spread: 1, latency: nil, requestRate: 1,
      rows: [], before: nil, remark: remark)
  }

  @Test func `on a terminal each frame is drawn over the one before`() async throws {
    let captured = CapturedOutput()
    let screen = Screen(
      output: captured.destination(isTerminal: true, canHideCursor: true), json: false)
    try await screen.open(with: ["what it does"])
    try await screen.show(frame(second: 1, remark: "weights set"))
    try await screen.show(frame(second: 2))
    await screen.restore()
    #expect(
      captured.output == """
        what it does

        \u{1B}[?25l\r\
        evenkeel steers, 1 s since the start\u{1B}[K
        spread 1.00   p50 -   p99 -   1 requests/s\u{1B}[K
        \u{1B}[K
        server    utilisation                                       weight   requests/s\u{1B}[K
        evenkeel: weights set\u{1B}[K
        \u{1B}[J\u{1B}[5A\r\
        evenkeel steers, 2 s since the start\u{1B}[K
        spread 1.00   p50 -   p99 -   1 requests/s\u{1B}[K
        \u{1B}[K
        server    utilisation                                       weight   requests/s\u{1B}[K
        \u{1B}[J\u{1B}[?25h
        """)
  }

  @Test func `elsewhere there is a block every five seconds, without escape sequences`()
    async throws
  {
    let captured = CapturedOutput()
    let screen = Screen(output: captured.destination(), json: false)
    for second in 0...11 { try await screen.show(frame(second: second)) }
    await screen.restore()
    let titles = captured.output.split(separator: "\n").filter { $0.hasPrefix("evenkeel steers") }
    #expect(
      titles == [5, 10].map { "evenkeel steers, \($0) s since the start" })
    #expect(!captured.output.contains("\u{1B}"))
  }

  @Test func `the journal's tail is the sentence of the last line logged`() {
    let journal = JournalTail()
    #expect(journal.last == nil)
    journal.logger.info("weight changed", metadata: ["text": "shop-1: 100 to 43\nand more"])
    #expect(journal.last == "shop-1: 100 to 43")
    journal.logger.debug("not this one")
    #expect(journal.last == "shop-1: 100 to 43")
    journal.logger.warning("endpoint lost")
    #expect(journal.last == "endpoint lost")
  }
}
