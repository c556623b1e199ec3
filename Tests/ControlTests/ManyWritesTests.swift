import Balancing
import Synchronization
import TestSupport
import Testing

@testable import Control

/// Writes to one HAProxy that are so many that they take a while: what is written stays known.
@Suite struct ManyWritesTests {
  /// Takes its time for each part, and fails with a part of its choice.
  private final class Slow: Balancer {
    let name: BalancerName = "lb1"
    let secondsEach: Double
    let fails: Int?
    private let state = Mutex((now: Timestamp(nanoseconds: 0), parts: [Int]()))

    init(secondsEach: Double, fails: Int? = nil) {
      self.secondsEach = secondsEach
      self.fails = fails
    }

    var now: Timestamp { state.withLock { $0.now } }
    var parts: [Int] { state.withLock { $0.parts } }

    func read(_ backends: [BackendName]) async throws(PortFailure) -> BalancerReading {
      throw PortFailure(.unreachable, "lb1: not here")
    }

    func write(_ writes: [WeightWrite], to process: ProcessIdentity) async throws(PortFailure)
      -> [WriteOutcome]
    {
      let number = state.withLock { state in
        state.now = state.now.advanced(bySeconds: secondsEach)
        state.parts.append(writes.count)
        return state.parts.count
      }
      if number == fails { throw PortFailure(.timedOut, "lb1: no answer within 3.0 s") }
      return writes.map { _ in .written }
    }
  }

  private func report(_ balancer: Slow, writes: Int) async throws -> WriteReport {
    let poller = FleetPoller(clock: ManualClock(), now: { balancer.now })
    let changes = (0..<writes).map { number in
      WeightChange(
        backend: "shop", server: ServerName("s\(number)"), balancer: "lb1",
        old: Weight(clamping: 100), new: Weight(clamping: 50), reason: .asked)
    }
    let order = WriteOrder(
      balancer: "lb1", process: ProcessIdentity(pid: 1, startedAtSeconds: 1), changes: changes)
    let reports = await poller.write(
      [order], to: [balancer], pace: Pace(interval: .seconds(9)))
    return try #require(reports.first)
  }

  @Test func `all are written in parts, each with an outcome`() async throws {
    let balancer = Slow(secondsEach: 0.1)
    let report = try await report(balancer, writes: 1200)
    #expect(balancer.parts == [500, 500, 200])
    #expect(report.outcomes == [WriteOutcome](repeating: .written, count: 1200))
    #expect(report.failure == nil)
  }

  @Test func `when a third of the interval is over the rest waits for the next time`() async throws
  {
    let balancer = Slow(secondsEach: 1)
    let report = try await report(balancer, writes: 3000)
    #expect(balancer.parts == [500, 500, 500])
    #expect(report.outcomes.count { $0 == .written } == 1500)
    #expect(report.outcomes.suffix(1500).allSatisfy { $0 == .notReached })
    #expect(report.failure == nil)
  }

  @Test func `what was written before a part fails is known to be`() async throws {
    let balancer = Slow(secondsEach: 0.1, fails: 3)
    let report = try await report(balancer, writes: 3000)
    #expect(report.outcomes == [WriteOutcome](repeating: .written, count: 1000))
    #expect(report.failure?.kind == .timedOut)
  }
}
