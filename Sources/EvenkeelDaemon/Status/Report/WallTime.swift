package import Balancing

/// What the wall clock shows of moments on the steady one.
///
/// A wall clock may be set: one that starts in 1970, on a board without a battery, is set by decades.
/// So moments are kept on the steady clock, and what is shown of them is as the wall clock has it
/// now: intervals stay true, and so do moments before it was set.
package struct WallTime: Hashable, Sendable {
  /// The clocks of machines are made right by less than this without a step.
  private static let leastStep = 0.5

  /// Seconds by which the wall clock is ahead of the steady one.
  private var ahead = 0.0

  /// A wall clock that shows what the steady one does.
  package init() {}

  /// Compares the clocks; what is shown of a moment changes only when one was set.
  package mutating func compare(steady: Timestamp, wall: Timestamp) {
    let seconds = wall.seconds(since: steady)
    if abs(seconds - ahead) > Self.leastStep { ahead = seconds }
  }

  /// - Parameter moment: on the steady clock.
  func shown(_ moment: Timestamp) -> Timestamp { moment.advanced(bySeconds: ahead) }

  /// - Parameter moment: on the steady clock.
  func moment(_ moment: Timestamp) -> Moment { Moment(shown(moment)) }
}
