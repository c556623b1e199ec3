import Synchronization
import Testing

@testable import Simulation

@Suite struct ReportBatchTests {
  private static let scenarios = ["one", "two"].map { Example.scenario(seconds: 50, name: $0) }

  private static func batch(seed: UInt64? = nil, seeds: Int = 2) -> SimulationBatch {
    SimulationBatch(
      scenarios, strategies: [.equal, .capacity], seed: seed, seeds: seeds, wantsPlot: true)
  }

  private static func record(
    _ scenario: Scenario, _ strategy: SimulatedStrategy, _ seed: UInt64
  ) -> RunRecord {
    Example.record(scenario, strategy: strategy, seed: seed) { _ in [0.5, 0.5] }
  }

  @Test func `outcomes come in the order of the jobs, and the first seed is drawn`() async throws {
    let batch = Self.batch()
    let outcomes = try await batch.run(
      width: 3,
      simulate: { scenario, strategy, seed in
        // The later a job comes, the sooner it gives way to the others.
        for _ in 0..<(strategy == .equal ? 50 : 1) { await Task.yield() }
        return Self.record(scenario, strategy, seed)
      }, progress: { _, _ in })
    #expect(outcomes.map(\.job) == batch.jobs)
    #expect(outcomes.map(\.measures.seed) == [1, 2, 1, 2, 1, 2, 1, 2])
    #expect(outcomes.allSatisfy { ($0.plot != nil) == ($0.measures.seed == 1) })
    #expect(outcomes.allSatisfy { $0.measures.scenario == ["one", "two"][$0.job.scenario] })
  }

  @Test func `no more runs than are allowed go on at once`() async throws {
    let running = Mutex((now: 0, most: 0))
    _ = try await Self.batch(seed: 7, seeds: 5).run(
      width: 2,
      simulate: { scenario, strategy, seed in
        running.withLock {
          $0.now += 1
          $0.most = max($0.most, $0.now)
        }
        for _ in 0..<20 { await Task.yield() }
        running.withLock { $0.now -= 1 }
        return Self.record(scenario, strategy, seed)
      }, progress: { _, _ in })
    #expect(running.withLock { $0.now } == 0)
    #expect((1...2).contains(running.withLock { $0.most }))
  }

  @Test func `progress is told at the end of each run`() async throws {
    var told: [Int] = []
    _ = try await Self.batch().run(
      width: 2, tick: .seconds(3600),
      simulate: { Self.record($0, $1, $2) }, progress: { done, _ in told.append(done) })
    #expect(told == Array(1...8))
  }

  @Test func `a batch that is cancelled has no outcomes`() async {
    let task = Task {
      try await Self.batch().run(
        width: 2,
        simulate: { scenario, strategy, seed in
          while !Task.isCancelled { await Task.yield() }
          return Self.record(scenario, strategy, seed)
        }, progress: { _, _ in })
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}

@Suite struct ReportProgressTests {
  @Test func `what is soon done is not talked about`() {
    var line = ProgressLine(total: 10, isTerminal: true)
    #expect(line.text(done: 1, after: .seconds(1)) == nil)
    #expect(line.text(done: 10, after: .seconds(3)) == nil)
    #expect(line.ending == nil)
  }

  @Test func `on a terminal one line is written over, and goes at the end`() {
    var line = ProgressLine(total: 10, isTerminal: true)
    #expect(line.text(done: 0, after: .seconds(3)) == "\r0 of 10 runs done\u{1B}[K")
    #expect(
      line.text(done: 4, after: .seconds(4)) == "\r4 of 10 runs done, about 6 s left\u{1B}[K")
    #expect(line.ending == "\r\u{1B}[K")
  }

  @Test func `elsewhere there is a line every ten seconds`() {
    var line = ProgressLine(total: 100, isTerminal: false)
    let seconds = (1...35).filter { line.text(done: $0, after: .seconds($0)) != nil }
    #expect(seconds == [10, 20, 30])
    #expect(line.ending == nil)
  }
}
