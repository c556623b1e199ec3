/// By how much a server's counters have grown between two looks.
struct CounterGrowth: Hashable, Codable, Sendable {
  var seconds = 0.0
  var arrived = 0.0
  var done = 0.0
  var failed = 0.0
  var tried = 0.0
  var tunnelled = 0.0

  /// Requests that were answered well: what fails costs next to nothing, and tells nothing of a cost.
  var succeeded: Double { max(0, done - failed) }
}

/// Counters, look by look: the one place that takes a difference of them.
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
      let grown = counters.growth(since: before.counters, over: now.seconds(since: before.at))
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
  /// - Returns: `nil` where one of them is smaller.
  fileprivate func growth(since before: Self, over seconds: Double) -> CounterGrowth? {
    let growth = CounterGrowth(
      seconds: seconds, arrived: arrived - before.arrived, done: done - before.done,
      failed: failed - before.failed, tried: tried - before.tried,
      tunnelled: tunnelled - before.tunnelled)
    let isForward =
      growth.arrived >= 0 && growth.done >= 0 && growth.failed >= 0 && growth.tried >= 0
      && growth.tunnelled >= 0
    return isForward ? growth : nil
  }
}
