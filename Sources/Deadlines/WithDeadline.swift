/// The time given to an operation ran out before it was done.
package struct DeadlineExceeded: Error, Equatable, Sendable {
  /// How long the operation was given.
  package let duration: Duration

  package init(after duration: Duration) { self.duration = duration }
}

/// Runs an operation and cancels it when it takes longer than `duration`.
///
/// This is the only deadline of the project: a client library's own time-outs end with the
/// response head, or measure only gaps. The operation must end when its task is cancelled.
///
/// - Throws: `DeadlineExceeded` when the time ran out, `CancellationError` when the caller was
///   cancelled, else what the operation throws.
package func withDeadline<Value: Sendable>(
  after duration: Duration,
  clock: any Clock<Duration>,
  operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  try await withThrowingTaskGroup(of: Value.self) { group in
    group.addTask { try await operation() }
    group.addTask {
      try await clock.sleep(for: duration)
      throw DeadlineExceeded(after: duration)
    }
    defer { group.cancelAll() }
    guard let value = try await group.next() else { throw CancellationError() }
    return value
  }
}
