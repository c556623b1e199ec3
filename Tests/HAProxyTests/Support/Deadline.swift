import NIOCore
import NIOPosix

/// Cancels `operation` when the time is up, as callers of the client do.
func cancelling<Value: Sendable>(
  after limit: TimeAmount, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  let task = Task { try await operation() }
  let alarm = MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: limit) {
    task.cancel()
  }
  defer { alarm.cancel() }
  return try await task.value
}
