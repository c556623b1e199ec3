/// By how much a server's counters have grown between two looks.
package struct CounterGrowth: Hashable, Codable, Sendable {
  var seconds = 0.0
  package var arrived = 0.0
  package var done = 0.0
  package var failed = 0.0
  package var tried = 0.0
  package var tunnelled = 0.0

  /// Requests that were answered well: what fails costs next to nothing, and tells nothing of a cost.
  var succeeded: Double { max(0, done - failed) }
}

/// Counters, look by look.
///
/// What it reads are sums, which never step back: where any of them falls, it is another sum. HAProxy's own
/// counters are not held to that; their rule is in `Control/Backend/RequestCounters+Counting`.
struct CounterMeter: Hashable, Codable, Sendable {
  private struct Look: Hashable, Codable, Sendable {
    var at: Timestamp
    var counters: RequestCounters
  }

  private var last: Look?
  /// Since the look before; `nil` after the first, after one that brought nothing, and where counting, or
  /// the clock, began anew: a difference across such a step would be invented.
  private(set) var growth: CounterGrowth?

  /// Takes in what was read; `nil` where nothing could be: what came meanwhile is the next look's.
  mutating func read(_ counters: RequestCounters?, at now: Timestamp) {
    guard let counters else {
      growth = nil
      return
    }
    guard let before = last, now >= before.at,
      case let grown = counters.growth(since: before.counters, over: now.seconds(since: before.at)),
      grown.isForward
    else {
      (last, growth) = (Look(at: now, counters: counters), nil)
      return
    }
    // The same look again tells nothing new.
    guard now > before.at else {
      growth = CounterGrowth()
      return
    }
    (last, growth) = (Look(at: now, counters: counters), grown)
  }
}

extension RequestCounters {
  /// The one place that takes a difference of counters.
  ///
  /// It may be negative, and means nothing where counting began anew meanwhile: by what that shows, whoever
  /// takes it knows of the counters that are held against each other.
  package func growth(since before: Self, over seconds: Double = 0) -> CounterGrowth {
    CounterGrowth(
      seconds: seconds, arrived: arrived - before.arrived, done: done - before.done,
      failed: failed - before.failed, tried: tried - before.tried,
      tunnelled: tunnelled - before.tunnelled)
  }
}

extension CounterGrowth {
  /// Whether nothing fell.
  fileprivate var isForward: Bool {
    arrived >= 0 && done >= 0 && failed >= 0 && tried >= 0 && tunnelled >= 0
  }

  /// The same, with nothing in the place of what fell.
  package var withoutStepsBack: Self {
    Self(
      seconds: seconds, arrived: max(0, arrived), done: max(0, done), failed: max(0, failed),
      tried: max(0, tried), tunnelled: max(0, tunnelled))
  }
}
