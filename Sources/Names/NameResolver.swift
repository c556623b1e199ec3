internal import Deadlines
internal import Synchronization

/// Finds the addresses of names, so that one whose name server is silent holds up nobody else.
///
/// The system's resolver blocks its thread, half a minute long where nobody answers, and cannot be
/// given up. So each look-up has a thread of its own; there is one at most for each name, however
/// many want it; and nobody waits longer than he has patience: then the addresses of before are
/// taken, or there are none.
package final class NameResolver: Sendable {
  /// The one of the whole process: what one part has found out, all know.
  package static let shared = NameResolver()

  /// As many as are polled at once. More names than that wait for a place, each of them once.
  private static let mostThreads = 256
  /// Who has asked for so many names is not done any good by remembering them all.
  private static let mostNames = 10_000

  package typealias LookUp = @Sendable (String) -> Result<[String], NameFailure.Reason>

  private struct State {
    var records: [String: NameRecord] = [:]
    var waiters: [String: [Int: CheckedContinuation<Void, Never>]] = [:]
    var nextWaiter = 0
    var threads = 0
    /// Names that wait for a thread.
    var queue: [String] = []
  }

  private let state = Mutex(State())
  private let lookUp: LookUp
  private let elapsed: @Sendable () -> Duration

  /// - Parameter lookUp: blocks until there is an answer.
  package convenience init(lookUp: @escaping LookUp = SystemResolver.addresses) {
    let beginning = ContinuousClock.now
    self.init(lookUp: lookUp) { beginning.duration(to: ContinuousClock.now) }
  }

  /// - Parameter elapsed: the time since any fixed beginning.
  package init(lookUp: @escaping LookUp, elapsed: @escaping @Sendable () -> Duration) {
    self.lookUp = lookUp
    self.elapsed = elapsed
  }

  /// The addresses of a name, in the order in which they should be tried; an address is its own.
  ///
  /// - Parameter patience: how long to wait where nothing is known.
  package func addresses(
    of name: String, within patience: Duration
  ) async throws(NameFailure) -> [String] {
    guard !SystemResolver.isAddress(name) else { return [name] }
    var advice = state.withLock { state in
      if state.records.count > Self.mostNames { state.records.removeAll { $0.askedAt == nil } }
      return state.records[name, default: NameRecord()].advice(at: elapsed())
    }
    if advice == .ask { begin(name) }
    if advice == .ask || advice == .wait {
      await wait(for: name, within: patience)
      advice = state.withLock { $0.records[name, default: NameRecord()].best(at: elapsed()) }
    }
    switch advice {
    case .take(let addresses): return addresses
    case .giveUp(let reason): throw NameFailure(name, reason)
    case .wait, .ask: throw NameFailure(name, .silent(afterSeconds: 0))
    }
  }

  /// Gives a name a thread, or a place in the queue for one.
  private func begin(_ name: String) {
    let mayStart = state.withLock { state in
      guard state.threads < Self.mostThreads else {
        state.queue.append(name)
        return false
      }
      state.threads += 1
      return true
    }
    if mayStart { start(name) }
  }

  private func start(_ name: String) {
    let isRunning = BlockingThread.start { [self] in
      var next: String? = name
      while let name = next { next = finish(name, lookUp(name)) }
    }
    guard !isRunning else { return }
    let failure = NameFailure.Reason.unanswered("the system gives no thread to ask in")
    var next = finish(name, .failure(failure))
    while let name = next { next = finish(name, .failure(failure)) }
  }

  /// - Returns: the next name to be looked up in the same thread; `nil` ends it.
  private func finish(
    _ name: String, _ result: Result<[String], NameFailure.Reason>
  ) -> String? {
    let (woken, next) = state.withLock { state in
      state.records[name, default: NameRecord()].answer(result, at: elapsed())
      let woken = state.waiters.removeValue(forKey: name) ?? [:]
      let next = state.queue.isEmpty ? nil : state.queue.removeFirst()
      if next == nil { state.threads -= 1 }
      return (woken.values.map { $0 }, next)
    }
    for waiter in woken { waiter.resume() }
    return next
  }

  private func wait(for name: String, within patience: Duration) async {
    _ = try? await withDeadline(after: patience, clock: ContinuousClock()) { [self] in
      await answer(to: name)
    }
  }

  /// Returns as soon as the name's look-up is over, or the task is cancelled.
  private func answer(to name: String) async {
    let number = state.withLock { state in
      state.nextWaiter &+= 1
      return state.nextWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isWaiting = state.withLock { state in
          guard state.records[name]?.askedAt != nil, !Task.isCancelled else { return false }
          state.waiters[name, default: [:]][number] = continuation
          return true
        }
        if !isWaiting { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters[name]?.removeValue(forKey: number) }?.resume()
    }
  }
}

extension Dictionary {
  /// Removes what a condition holds for.
  fileprivate mutating func removeAll(where isGone: (Value) -> Bool) {
    self = filter { !isGone($0.value) }
  }
}
