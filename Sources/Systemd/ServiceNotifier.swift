internal import CSystemd
internal import Glibc
internal import Synchronization

/// Tells systemd how the service is doing; without systemd it does nothing.
///
/// Only the unit's main process may speak (`NotifyAccess=main`), so nothing may stand between
/// systemd and this process in `ExecStart=`.
package final class ServiceNotifier: Sendable {
  private let send: @Sendable (String) -> Void
  private let lastStatus = Mutex<String?>(nil)

  /// Speaks to the socket in `NOTIFY_SOCKET`.
  package convenience init() {
    let socket = NotifySocket()
    self.init(send: { socket.send($0) })
  }

  /// Hands each message's assignments to `send` instead.
  package init(send: @escaping @Sendable (String) -> Void) {
    self.send = send
  }

  /// Start-up is done, or a reload is, be it granted or refused.
  package func ready() { send(.ready) }

  /// A reload begins; `ready()` must follow on every path out of it.
  package func reloading() { send(.reloading(atMicroseconds: Self.monotonicMicroseconds())) }

  package func stopping() { send(.stopping) }

  /// Sets the line that `systemctl status` shows, if it is not that already.
  ///
  /// Line breaks become spaces, and a long text is cut.
  package func status(_ text: String) {
    let message = NotifyMessage.status(text)
    let assignments = message.assignments
    // Sent inside the lock: systemd is to see the statuses in the order in which they are kept.
    lastStatus.withLock { last in
      guard last != assignments else { return }
      last = assignments
      send(assignments)
    }
  }

  /// Shows that the service makes progress.
  package func watchdog() { send(.watchdog) }

  /// Shows an `errno` in `systemctl status`, until it is set to 0.
  package func errno(_ code: Int32) { send(.errno(code)) }

  private func send(_ message: NotifyMessage) { send(message.assignments) }

  private static func monotonicMicroseconds() -> UInt64 {
    var now = timespec()
    guard unsafe clock_gettime(CLOCK_MONOTONIC, &now) == 0 else { return 0 }
    return UInt64(clamping: now.tv_sec) * 1_000_000 + UInt64(clamping: now.tv_nsec / 1_000)
  }
}

/// systemd's notification socket, which complains about itself once.
private final class NotifySocket: Sendable {
  private let hasFailed = Mutex(false)

  func send(_ assignments: String) {
    let result = unsafe sd_notify(0, assignments)
    guard result < 0 else { return }
    let isFirst = hasFailed.withLock { failed in
      defer { failed = true }
      return !failed
    }
    guard isFirst else { return }
    let reason = unsafe String(cString: strerror(-result))
    LineOutput.standardError.write(
      "systemd cannot be told of this service's state: NOTIFY_SOCKET: \(reason); "
        + "the unit needs Type=notify, and AF_UNIX in RestrictAddressFamilies=")
  }
}
