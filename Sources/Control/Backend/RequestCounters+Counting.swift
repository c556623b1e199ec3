internal import Balancing

extension RequestCounters {
  static var zero: RequestCounters { RequestCounters(arrived: 0, done: 0, inFlight: 0) }

  /// Whether the counters of one server of one HAProxy process began anew since they were read before.
  ///
  /// Attempts are only ever added; of the others, differences of HAProxy's counters, those that are
  /// not read at the same instant may take a small step back, which counts as nothing.
  func beginAnew(after before: Self) -> Bool { tried < before.tried }

  /// What HAProxy counted since it was read before; `nil` where that began anew meanwhile.
  func counted(since before: Self) -> CounterGrowth? {
    beginAnew(after: before) ? nil : growth(since: before).withoutStepsBack
  }

  /// Adds requests that were answered at once.
  mutating func count(_ requests: Double) {
    arrived += requests
    done += requests
    tried += requests
  }

  mutating func count(_ growth: CounterGrowth) {
    arrived += growth.arrived
    done += growth.done
    failed += growth.failed
    tried += growth.tried
    tunnelled += growth.tunnelled
  }
}
