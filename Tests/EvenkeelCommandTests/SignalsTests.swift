import FoundationEssentials
import Testing

@testable import EvenkeelCommand

@Suite struct SignalsTests {
  @Test func `the daemon comes to its end before systemd loses patience`() throws {
    let unit = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "systemd/evenkeel.service")
    let text = try String(contentsOf: unit, encoding: .utf8)
    let patience = try #require(text.firstMatch(of: /(?m)^TimeoutStopSec=(\d+)s$/)?.output.1)
    let seconds = try #require(Int(patience))
    // Whoever was cancelled needs a moment, too.
    #expect(Signals.longestEnd <= .seconds(seconds - 2))
    #expect(Signals.longestEnd >= .seconds(5))
  }
}
