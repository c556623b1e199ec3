import Synchronization

/// A clock that stands still until a test moves it.
package final class ManualClock: Clock, Sendable {
  package struct Instant: InstantProtocol {
    package var offset: Duration

    package func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
    package func duration(to other: Instant) -> Duration { other.offset - offset }
    package static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
  }

  private struct Sleeper {
    var id: Int
    var due: Instant
    var continuation: CheckedContinuation<Void, any Error>
  }

  private struct Watcher {
    var isDone: @Sendable (State) -> Bool
    var continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var now = Instant(offset: .zero)
    var nextID = 0
    var cancelled: Set<Int> = []
    var sleepers: [Sleeper] = []
    /// Sleeps that began, or were cancelled before.
    var begun = 0
    var watchers: [Watcher] = []

    mutating func wakeWatchers() {
      let waiting = watchers
      watchers = []
      for watcher in waiting {
        if watcher.isDone(self) { watcher.continuation.resume() } else { watchers.append(watcher) }
      }
    }
  }

  private let state = Mutex(State())

  package init() {}

  package var now: Instant { state.withLock { $0.now } }
  package var minimumResolution: Duration { .nanoseconds(1) }

  package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation {
        (continuation: CheckedContinuation<Void, any Error>) in
        state.withLock { state in
          state.begun += 1
          if state.cancelled.remove(id) != nil {
            continuation.resume(throwing: CancellationError())
          } else if deadline <= state.now {
            continuation.resume()
          } else {
            state.sleepers.append(Sleeper(id: id, due: deadline, continuation: continuation))
          }
          state.wakeWatchers()
        }
      }
    } onCancel: {
      state.withLock { state in
        guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
          state.cancelled.insert(id)
          return
        }
        state.sleepers.remove(at: index).continuation.resume(throwing: CancellationError())
        state.wakeWatchers()
      }
    }
  }

  /// Moves time on and wakes whoever is due.
  package func advance(by duration: Duration) {
    state.withLock { state in
      state.now = state.now.advanced(by: duration)
      let due = state.sleepers.filter { $0.due <= state.now }
      state.sleepers.removeAll { $0.due <= state.now }
      for sleeper in due { sleeper.continuation.resume() }
    }
  }

  /// Returns as soon as so many are asleep.
  package func waitForSleepers(_ count: Int) async {
    await wait { $0.sleepers.count >= count }
  }

  /// Returns as soon as so many sleeps have begun, and all but `count` were cancelled.
  package func waitForSleepers(_ count: Int, leftOf begun: Int) async {
    await wait { $0.begun >= begun && $0.sleepers.count == count }
  }

  private func wait(until isDone: @escaping @Sendable (State) -> Bool) async {
    await withCheckedContinuation { continuation in
      state.withLock { state in
        state.watchers.append(Watcher(isDone: isDone, continuation: continuation))
        state.wakeWatchers()
      }
    }
  }
}
