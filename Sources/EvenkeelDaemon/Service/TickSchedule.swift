/// When ticks are due, in time since the loop began.
///
/// Ticks stay on the interval's grid: they neither drift nor pile up. One that overruns delays the
/// next to the following point of the grid.
package struct TickSchedule: Equatable, Sendable {
  package private(set) var interval: Duration
  /// When the next tick is due.
  package private(set) var due = Duration.zero

  package init(interval: Duration) { self.interval = interval }

  /// Goes on with another interval, counted from the tick that began last.
  package mutating func change(interval: Duration, lastBegan: Duration) {
    guard interval != self.interval else { return }
    self.interval = interval
    due = lastBegan + interval
  }

  /// The next tick is wanted now; the grid goes on from it.
  package mutating func comeForward(to now: Duration) { due = min(due, now) }

  /// A tick that began at `due` or later has ended.
  ///
  /// - Parameter next: the time to the next tick, where one is wanted before the interval is over.
  /// - Returns: how many ticks are left out because this one took longer than the interval.
  package mutating func ended(at now: Duration, began: Duration, next: Duration) -> Int {
    let overrun = intervals(in: now - began)
    if next < interval {
      due = max(began + next, now)
    } else {
      due += interval * (intervals(in: now - due) + 1)
    }
    return overrun
  }

  /// How many whole intervals have passed in a time: a number whatever the two are.
  private func intervals(in time: Duration) -> Int {
    guard time > .zero, interval > .zero else { return 0 }
    return Int(min(time / interval, 1e6))
  }
}
