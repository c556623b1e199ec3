package import Control

/// The line an hour that says that all is well, or what is not.
package struct HourlySummary: Sendable {
  private static let period = Duration.seconds(3600)

  private var since = Duration.zero
  private var changes = 0
  private var ticks = 0

  package init() {}

  /// Counts one tick in.
  ///
  /// - Parameters:
  ///   - now: time since the loop began.
  ///   - status: what is to be said of the present.
  /// - Returns: the line, when an hour is over.
  package mutating func add(
    _ report: TickReport, at now: Duration, status: @autoclosure () -> String
  ) -> String? {
    ticks += 1
    for case .weightChanged in report.events { changes += 1 }
    guard now - since >= Self.period else { return nil }
    defer { self = HourlySummary(since: now) }
    return "last hour: \(ticks) ticks, \(changes) weight changes; \(status())"
  }

  private init(since: Duration) { self.since = since }
}
