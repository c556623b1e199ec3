import FoundationEssentials

/// The demo's time: a monotonic clock that starts at 0, and the wall clock that goes with it.
struct DemoClock: Sendable {
  private let start = ContinuousClock.now
  private let startSeconds = Date().timeIntervalSince1970

  /// Time since the demo began.
  var now: Duration { ContinuousClock.now - start }

  /// What a wall clock shows at a moment of the demo, in nanoseconds since the Unix epoch.
  func wallNanoseconds(at moment: Duration) -> Int64 {
    Int64(exactly: ((startSeconds + moment / .seconds(1)) * 1e9).rounded()) ?? 0
  }

  /// - Throws: `CancellationError`.
  func sleep(until moment: Duration) async throws {
    try await ContinuousClock().sleep(until: start + moment)
  }
}
