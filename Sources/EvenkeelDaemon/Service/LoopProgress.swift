internal import Synchronization

/// Until when the loop has promised to show progress, for the watchdog to look at.
///
/// Slow peers are not a hang: each stage of the loop is bounded by its deadlines, and it promises
/// that much. A loop that hangs lets its promise pass.
package final class LoopProgress: Sendable {
  /// Since it was made.
  private let elapsed: @Sendable () -> Duration
  private let promise = Mutex(Duration.zero)

  package init(clock: some Clock<Duration> = ContinuousClock()) {
    let began = clock.now
    elapsed = { began.duration(to: clock.now) }
  }

  /// The loop is alive, and will show progress again within `duration`.
  package func promise(within duration: Duration) {
    promise.withLock { $0 = elapsed() + duration }
  }

  /// Whether the loop is within its promise.
  package var isKept: Bool { promise.withLock { elapsed() <= $0 } }
}
