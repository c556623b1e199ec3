internal import Synchronization

/// Orders on their way from whoever takes them in to the loop that carries them out.
package final class BrakeDesk: Sendable {
  /// What came of an order, and what is to be kept of it.
  package struct Outcome: Sendable {
    package var reply: BrakeReply
    package var kept: KeptBrake?

    package init(reply: BrakeReply, kept: KeptBrake? = nil) {
      self.reply = reply
      self.kept = kept
    }
  }

  /// An order that waits for its answer.
  struct Pending: Sendable {
    let order: BrakeOrder
    /// The user who asks.
    let user: String
    fileprivate let id: Int
  }

  private struct State {
    var next = 0
    var pending: [Pending] = []
    var answers: [Int: CheckedContinuation<Outcome, Never>] = [:]
  }

  private let state = Mutex(State())
  private let bell = ReloadRequests()

  package init() {}

  /// Asks for something, and waits until the loop has done it.
  package func ask(_ order: BrakeOrder, by user: String) async -> Outcome {
    let id = state.withLock { state in
      state.next += 1
      return state.next
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isLate = state.withLock { state in
          guard !Task.isCancelled else { return true }
          state.answers[id] = continuation
          state.pending.append(Pending(order: order, user: user, id: id))
          return false
        }
        if isLate { continuation.resume(returning: Self.givenUp) } else { bell.raise() }
      }
    } onCancel: {
      state.withLock { state in
        state.pending.removeAll { $0.id == id }
        return state.answers.removeValue(forKey: id)
      }?.resume(returning: Self.givenUp)
    }
  }

  private static let givenUp = Outcome(
    reply: BrakeReply(
      done: false, lines: ["evenkeel is about to stop, or too busy; look and try again"]))

  /// Whether there is an order.
  var isAwaited: Bool { bell.isRaised }

  /// Returns when there is an order, or when the task is cancelled.
  func wait() async { await bell.wait() }

  /// The orders that came; each is to be answered.
  func take() -> [Pending] {
    _ = bell.take()
    return state.withLock { state in
      defer { state.pending = [] }
      return state.pending
    }
  }

  func answer(_ pending: Pending, _ outcome: Outcome) {
    state.withLock { $0.answers.removeValue(forKey: pending.id) }?.resume(returning: outcome)
  }
}
