import Synchronization

/// Where the requests of the load generator are written down as they begin and end.
final class Ledger: Sendable {
  private struct State {
    var inFlight = 0
    var window = LatencyWindow()
  }

  private let state = Mutex(State())

  /// - Returns: whether fewer than `limit` are in flight, and this one may begin.
  func begin(limit: Int) -> Bool {
    state.withLock { state in
      guard state.inFlight < limit else { return false }
      state.inFlight += 1
      return true
    }
  }

  /// - Parameter latency: `nil` for a request that was given up because the demo ends.
  func end(latency: Duration?, failed: Bool, at moment: Duration) {
    state.withLock { state in
      state.inFlight -= 1
      guard let latency else { return }
      state.window.record(latency: latency, failed: failed, endedAt: moment)
    }
  }

  /// Counts a request that was not sent, as one that waited for as long as it might have.
  func refuse(at moment: Duration) {
    state.withLock {
      $0.window.record(latency: LoadGenerator.limit, failed: true, endedAt: moment)
    }
  }

  func summary(of span: Range<Duration>) -> LatencySummary? {
    state.withLock { $0.window.summary(of: span) }
  }
}
