/// What a container answered well, for all backends, at each of the last minutes' polls: what its CPU time
/// is set against. What failed cost next to nothing, and tells nothing of a cost.
struct AnsweredWork: Hashable, Codable, Sendable {
  private var errors = ErrorMeter()
  private(set) var history = CounterHistory()

  mutating func add(_ work: RequestCounters, in tick: Tick) {
    errors.add(work, in: tick)
    history.add(errors.succeeded, at: tick.now, memory: tick.memorySeconds)
  }

  /// Requests answered in a window that is now closed.
  mutating func answered(from start: Timestamp, to end: Timestamp) -> Double {
    history.answered(from: start, to: end)
  }
}
