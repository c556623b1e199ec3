internal import Balancing

/// Counters of how a container waits for CPU time, from its start. They are shown; nothing is decided
/// by them.
package struct CPUWaitCounters: Codable, Hashable, Sendable {
  /// Scheduler periods in which a quota was in force.
  package var periods: UInt64?
  /// Those of them in which the quota ran out.
  package var throttledPeriods: UInt64?
  /// Time in which some task of it waited for a CPU, in nanoseconds: the kernel's pressure stall
  /// information, `some`.
  package var pressureNanoseconds: UInt64?

  package init(
    periods: UInt64? = nil, throttledPeriods: UInt64? = nil, pressureNanoseconds: UInt64? = nil
  ) {
    self.periods = periods
    self.throttledPeriods = throttledPeriods
    self.pressureNanoseconds = pressureNanoseconds
  }

  var isEmpty: Bool { periods == nil && throttledPeriods == nil && pressureNanoseconds == nil }
}

/// How a container waited for CPU time of late.
package struct CPUWait: Codable, Hashable, Sendable {
  /// The part of the scheduler's periods in which its quota ran out, 0…1; `nil` where it has no quota,
  /// or nobody tells.
  package private(set) var throttled: Double?
  /// The part of the time in which some task of it waited for a CPU, 0…1; `nil` where nobody tells.
  package private(set) var pressure: Double?
  private var last: CPUWaitCounters
  private var lastAt: Timestamp

  init(_ counters: CPUWaitCounters, at time: Timestamp) {
    last = counters
    lastAt = time
  }

  /// - Parameter time: of the sample that the counters came with; the same one once more says nothing.
  mutating func take(_ counters: CPUWaitCounters, at time: Timestamp) {
    let seconds = time.seconds(since: lastAt)
    guard seconds != 0 else { return }
    throttled = Self.rise(counters.periods, since: last.periods).flatMap { periods in
      guard periods > 0 else { return nil }
      return Self.rise(counters.throttledPeriods, since: last.throttledPeriods).map {
        min(1, $0 / periods)
      }
    }
    pressure =
      seconds > 0
      ? Self.rise(counters.pressureNanoseconds, since: last.pressureNanoseconds).map {
        min(1, $0 / 1e9 / seconds)
      } : nil
    (last, lastAt) = (counters, time)
  }

  /// `nil` where it is not told, or began anew.
  private static func rise(_ now: UInt64?, since before: UInt64?) -> Double? {
    guard let now, let before, now >= before else { return nil }
    return Double(now - before)
  }
}
