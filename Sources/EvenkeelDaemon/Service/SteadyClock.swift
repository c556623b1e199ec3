package import Balancing
internal import Control
internal import Glibc

/// The wall clock as it was at the start, going on at the pace of the monotonic one: it never jumps.
///
/// Should the wall clock be set right later, the difference shows as every host's clock offset, and
/// is taken out like any other.
package struct SteadyClock: Sendable {
  private let start: ContinuousClock.Instant
  private let wallAtStart: Timestamp

  package init() { self.init(from: .onWallClock) }

  /// One that shows a moment now.
  package init(from moment: Timestamp) {
    start = .now
    wallAtStart = moment
  }

  /// The present moment.
  package var now: Timestamp {
    wallAtStart.advanced(bySeconds: (ContinuousClock.now - start).inSeconds)
  }
}

extension SteadyClock {
  /// One that goes on from an earlier pass: all that was measured then is on it, and the wall clock may have
  /// been set since.
  package init(goingOnFrom earlier: OnceState?) {
    self.init(from: earlier?.clock?.goingOn(at: .now) ?? .onWallClock)
  }
}

extension Timestamp {
  /// The present moment on this machine's wall clock, which may jump.
  package static var onWallClock: Timestamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    let seconds = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
    return Timestamp(
      nanoseconds: seconds.overflow ? 0 : seconds.partialValue + Int64(time.tv_nsec))
  }
}
