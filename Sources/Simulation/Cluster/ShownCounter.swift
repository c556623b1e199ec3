/// What a cAdvisor reads of one CPU counter, which need not be the truth.
struct ShownCounter: Sendable {
  private var fault: CounterFault?
  private var endsAt = Double.infinity
  /// The true total when the fault began.
  private var before = 0.0
  /// CPU seconds that a slow counter missed, for good.
  private var missed = 0.0

  /// Goes wrong, or right again.
  ///
  /// - Parameter cpuSeconds: the true total.
  mutating func change(_ change: Event.CounterChange, cpuSeconds: Double, at now: Double) {
    end(cpuSeconds: cpuSeconds)
    fault = change.fault
    endsAt = change.seconds.map { now + $0 } ?? .infinity
    before = cpuSeconds
  }

  /// The container began anew, and with it the true total.
  mutating func restarted() {
    // What stands still goes on to show what it showed last.
    if fault != .frozen { before = 0 }
    missed = 0
  }

  /// Takes a sample.
  ///
  /// - Returns: the total that is shown; `nil` for none.
  mutating func sample(cpuSeconds: Double, at now: Double) -> Double? {
    if now >= endsAt { end(cpuSeconds: cpuSeconds) }
    switch fault {
    case nil: return cpuSeconds - missed
    case .frozen: return before - missed
    case .zero: return 0
    case .missing: return nil
    case .slow(let part): return before - missed + max(0, cpuSeconds - before) * part
    case .spike(let excess):
      fault = nil
      return cpuSeconds - missed + excess
    case .fall:
      fault = nil
      return 0
    }
  }

  private mutating func end(cpuSeconds: Double) {
    if case .slow(let part) = fault { missed += max(0, cpuSeconds - before) * (1 - part) }
    fault = nil
    endsAt = .infinity
  }
}
