import NIOCore
import NIOPosix

/// A condition that did not come true in time, and what stood in its way at last.
package struct NeverHappened: Error, CustomStringConvertible {
  let what: String
  let lastFailure: (any Error)?

  package var description: String {
    "\(what): not within the time given\(lastFailure.map { "; at last: \($0)" } ?? "")"
  }
}

/// Long enough for a machine that runs all tests at once on one core.
package let patience = Duration.seconds(60)

/// Tries until `attempt` returns something, looking anew every few milliseconds.
package func eventually<Value: Sendable>(
  _ what: String, within limit: Duration = patience,
  _ attempt: () async throws -> Value?
) async throws -> Value {
  let deadline = ContinuousClock.now + limit
  var lastFailure: (any Error)?
  repeat {
    do {
      if let value = try await attempt() { return value }
      lastFailure = nil
    } catch {
      lastFailure = error
    }
    try await MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: .milliseconds(5)) {}
      .futureResult.get()
  } while ContinuousClock.now < deadline
  throw NeverHappened(what: what, lastFailure: lastFailure)
}

/// Waits until the condition holds.
package func eventually(
  _ what: String, within limit: Duration = patience, _ holds: () async throws -> Bool
) async throws {
  _ = try await eventually(what, within: limit) { try await holds() ? true : nil }
}
