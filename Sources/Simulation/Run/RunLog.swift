package import Control
internal import Synchronization

/// What the daemons of a run said at each of their ticks.
package final class RunLog: Sendable {
  /// One daemon's record.
  package struct Daemon: Sendable {
    package var settings: ControlSettings
    package var reports: [TickReport] = []
  }

  private let entries = Mutex<[Daemon]>([])

  package init() {}

  /// In the order in which they began.
  package var daemons: [Daemon] { entries.withLock { $0 } }

  /// - Returns: the place for its reports.
  func begin(_ settings: ControlSettings) -> Int {
    entries.withLock { entries in
      entries.append(Daemon(settings: settings))
      return entries.count - 1
    }
  }

  func add(_ report: TickReport, of daemon: Int) {
    entries.withLock { $0[daemon].reports.append(report) }
  }
}
