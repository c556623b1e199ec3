import Balancing
import Synchronization

/// The time of a whole cluster, moved by the test.
final class HandTime: Sendable {
  private let moment = Mutex(Timestamp(nanoseconds: 1_800_000_000_000_000_000))

  var now: Timestamp { moment.withLock { $0 } }

  func advance(bySeconds seconds: Double) {
    moment.withLock { $0 = $0.advanced(bySeconds: seconds) }
  }
}
