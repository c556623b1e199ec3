internal import CSystemd

/// How often systemd wants a sign of life.
package struct WatchdogInterval: Hashable, Sendable {
  /// The silence after which systemd kills and restarts the service: `WatchdogSec=`.
  package let limit: Duration

  package init(limit: Duration) { self.limit = limit }

  /// The time between two signs of life: a third of the limit, so that one may come late.
  package var pingInterval: Duration { limit / 3 }

  /// What systemd asks of this very process; `nil` when it asks nothing, or asks another process.
  package static func fromEnvironment() -> WatchdogInterval? {
    var microseconds: UInt64 = 0
    guard unsafe sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
    return WatchdogInterval(limit: .microseconds(Int64(clamping: microseconds)))
  }
}
