import Balancing
import Control
import FoundationEssentials
import Synchronization
import TestSupport
import Testing

@testable import EvenkeelDaemon

/// What is shown of time while the wall clock is set.
@Suite struct WallTimeTests {
  /// Two clocks, one of which may be set.
  private final class Clocks: Sendable {
    private let state: Mutex<(steady: Timestamp, ahead: Double)>

    init(ahead: Double) { state = Mutex((FakeCluster.start, ahead)) }

    var steady: Timestamp { state.withLock { $0.steady } }
    var wall: Timestamp { state.withLock { $0.steady.advanced(bySeconds: $0.ahead) } }

    func goOn(_ seconds: Double) {
      state.withLock { $0.steady = $0.steady.advanced(bySeconds: seconds) }
    }

    func set(by seconds: Double) { state.withLock { $0.ahead += seconds } }
  }

  /// Six ticks of a daemon, the clock set after them.
  private static func board(
    setBy step: Double, from start: Double = 0
  ) async throws -> (StatusBoard, Clocks) {
    let clocks = Clocks(ahead: start)
    let progress = LoopProgress()
    progress.promise(within: .seconds(600))
    let board = StatusBoard(
      configFile: "x", progress: progress, now: { clocks.steady }, wall: { clocks.wall })
    let cluster = FakeCluster(servers: [.init("a", quotaCores: 0.5), .init("b", quotaCores: 1)])
    var controller = cluster.controller()
    for _ in 0..<6 {
      cluster.advance(by: 10)
      clocks.goOn(10)
      let shown = board.take(await controller.tick(), took: .milliseconds(5))
      #expect(board.report == shown)
    }
    clocks.goOn(3)
    clocks.set(by: step)
    return (board, clocks)
  }

  // From 1970 to the present, back to it, and what NTP sets.
  @Test(arguments: [(0.0, 30.0), (0, -30), (-1.7e9, 1.7e9), (0, -1.7e9), (0, 7200), (0, 0.2)])
  func `ages stay true when the clock is set, and moments are those of the clock that is now`(
    start: Double, step: Double
  ) async throws {
    let (board, clocks) = try await Self.board(setBy: step, from: start)
    let report = board.report
    #expect(abs(report.now.timestamp.seconds(since: clocks.wall)) <= 0.5)
    #expect(abs(report.now.seconds(since: report.startedAt) - 63) < 0.01)
    #expect(abs(report.now.seconds(since: try #require(report.tickAt)) - 3) < 0.01)
    let answered = try #require(report.endpoints[0].answeredAt)
    #expect(abs(report.now.seconds(since: answered) - 3) < 0.01)
    let changes = report.backends[0].changes
    #expect(!changes.isEmpty)
    for change in changes { #expect((3...63).contains(report.now.seconds(since: change.at))) }
    let history = board.history(of: nil).backends[0].at
    #expect(history.count == 6)
    #expect(abs((history.last ?? 0) + 3 - report.now.timestamp.secondsSinceEpoch) < 0.2)
    let explanation = try #require(board.explanation(of: "a", in: "shop"))
    #expect(explanation.now == report.now)
    let verdict = NagiosVerdict(report, .init(warning: nil, critical: nil))
    #expect(verdict.state == .ok, "\(verdict.text)")
    let last = try #require(
      board.metrics.firstMatch(of: #/evenkeel_last_tick_timestamp_seconds ([0-9.e+]+)/#))
    let shown = try #require(Double(last.output.1))
    #expect(abs(shown + 3 - report.now.timestamp.secondsSinceEpoch) < 1)
  }

  @Test func `a moment is shown alike again and again, while no clock is set`() async throws {
    let (board, clocks) = try await Self.board(setBy: 30)
    let first = board.report.backends[0].changes
    for _ in 0..<50 {
      // As a clock is slewed.
      clocks.set(by: 0.005)
      clocks.goOn(10)
      #expect(board.report.backends[0].changes == first)
    }
  }
}
