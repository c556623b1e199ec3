internal import Synchronization

/// The wish for a reload, from whoever gets the signal to the loop that carries it out.
///
/// However often it is raised before the loop comes round, one reload answers it.
package final class ReloadRequests: Sendable {
  private enum State {
    case quiet
    case raised
    case awaited(CheckedContinuation<Void, Never>)
  }

  private let state = Mutex(State.quiet)

  package init() {}

  package func raise() {
    state.withLock { state in
      if case .awaited(let continuation) = state { continuation.resume() }
      state = .raised
    }
  }

  /// Whether a reload is wanted.
  package var isRaised: Bool {
    state.withLock { state in
      if case .raised = state { true } else { false }
    }
  }

  /// Whether a reload is wanted; asking settles it.
  package func take() -> Bool {
    state.withLock { state in
      guard case .raised = state else { return false }
      state = .quiet
      return true
    }
  }

  /// Returns when a reload is wanted, or when the task is cancelled.
  package func wait() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        state.withLock { state in
          if case .quiet = state, !Task.isCancelled {
            state = .awaited(continuation)
          } else {
            continuation.resume()
          }
        }
      }
    } onCancel: {
      state.withLock { state in
        guard case .awaited(let continuation) = state else { return }
        state = .quiet
        continuation.resume()
      }
    }
  }
}
