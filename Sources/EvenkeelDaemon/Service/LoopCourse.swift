/// What the loop goes by: when it ticks, and what it does between two ticks.
///
/// All moments are in time since the loop began.
package struct LoopCourse: Equatable, Sendable {
  /// What ended a wait.
  package enum Waking: Equatable, Sendable {
    /// A balancer has become another process.
    case newProcess
    /// The next tick is due, or somebody asked for something.
    case usual
  }

  package enum Next: Equatable, Sendable {
    case tick, wait
  }

  package private(set) var schedule: TickSchedule
  /// Whether another process of a balancer is looked for while it waits.
  package private(set) var looksForProcesses = true
  private var lastBegan = Duration.zero
  private var cameForward = false

  package init(interval: Duration) { schedule = TickSchedule(interval: interval) }

  /// A tick has ended.
  ///
  /// - Parameters:
  ///   - next: the time to the next, where one is wanted before the interval is over.
  ///   - hasReload: whether a balancer was found to be another process.
  /// - Returns: how many ticks are left out because this one took longer than the interval.
  package mutating func ticked(
    began: Duration, ended: Duration, next: Duration, hasReload: Bool
  ) -> Int {
    // A process that was seen, but could not be read, is left to the next regular tick.
    looksForProcesses = !cameForward || hasReload
    lastBegan = began
    return schedule.ended(at: ended, began: began, next: next)
  }

  /// A wait is over.
  package mutating func woke(by waking: Waking, at now: Duration) {
    cameForward = waking == .newProcess
    if cameForward { schedule.comeForward(to: now) }
  }

  /// Whoever asked for something has got it.
  ///
  /// - Parameters:
  ///   - interval: the configuration's, where it was asked to be read again.
  ///   - hasOrders: whether orders were carried out.
  package mutating func served(reloadedTo interval: Duration?, hasOrders: Bool, at now: Duration)
    -> Next
  {
    if let interval { schedule.change(interval: interval, lastBegan: lastBegan) }
    guard hasOrders else { return interval == nil ? .tick : .wait }
    // What came of them is to be seen at once.
    schedule.comeForward(to: now)
    return .tick
  }
}
