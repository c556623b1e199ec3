import Glibc
import Logging
import Testing

@testable import Systemd

@Suite struct TerminalLogHandlerTests {
  @Test func `each event is a line on standard error`() throws {
    let stderr = try Pipe()
    var logger = Logger(label: "evenkeel") { _ in
      TerminalLogHandler(
        level: .notice, hasColour: false, output: LineOutput(descriptor: stderr.writeEnd))
    }
    logger[metadataKey: "balancer"] = "lb1"
    logger.info("not asked for")
    logger.notice("balancer is back")
    logger.error("failed", metadata: ["text": "shop/s1: HAProxy refused the weight"])

    let lines = stderr.read().split(separator: "\n").map { $0.dropFirst("00:00:00 ".count) }
    #expect(
      lines == [
        "notice   balancer is back balancer=lb1", "error    shop/s1: HAProxy refused the weight",
      ])
  }

  @Test(.timeLimit(.minutes(1)))
  func `a line for which a full pipe has no room is lost, not waited for`() throws {
    let stderr = try Pipe()
    try #require(fcntl(stderr.writeEnd, F_SETFL, O_NONBLOCK) == 0)
    let output = LineOutput(descriptor: stderr.writeEnd)
    let count = 10_000
    for number in 1...count { output.write("line \(number) of many") }

    let lines = stderr.read().split(separator: "\n")
    try #require((1..<count).contains(lines.count))
    #expect(lines == (1...lines.count).map { "line \($0) of many" })
  }

  @Test func `a reader that is gone does not end the process`() async {
    await #expect(processExitsWith: .exitCode(0)) {
      signal(SIGPIPE, SIG_IGN)
      let stderr = try Pipe()
      close(stderr.readEnd)
      LineOutput(descriptor: stderr.writeEnd).write("nobody reads this")
      exit(0)
    }
  }
}
