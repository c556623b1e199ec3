internal import Control
internal import Logging

/// Keeps what comes and goes from flooding the journal: each change is told at first, then that they
/// are many, then how many there were.
///
/// Time is a parameter: time since the loop began.
package struct FlapFilter: Sendable {
  /// The time between two sums, and the quiet time after which changes are told again.
  package static let period = Duration.seconds(600)

  private enum State: Sendable {
    /// Told one by one; when the last ones were.
    case told([Duration])
    /// Counted since a line was written.
    case counted(since: Duration, changes: Int, latest: LogLine)
  }

  private var states: [LogLine.Subject: State] = [:]

  package init() {}

  /// What to write in the place of a line; `nil` while it is only counted.
  package mutating func filter(_ line: LogLine, at now: Duration) -> LogLine? {
    guard let subject = line.subject else { return line }
    switch states[subject, default: .told([])] {
    case .counted(let since, let changes, _):
      states[subject] = .counted(since: since, changes: changes + 1, latest: line)
      return nil
    case .told(let earlier):
      let times = earlier.filter { now - $0 < Self.period } + [now]
      guard times.count >= subject.many, let first = times.first else {
        states[subject] = .told(times)
        return line
      }
      states[subject] = .counted(since: now, changes: 0, latest: line)
      return line.flapping(
        subject,
        "\(times.count) times within \(decimal((now - first).inSeconds, 0)) s; from now on "
          + "told every \(DurationText(Self.period))")
    }
  }

  /// The sums that are due, and what has come to rest; to be asked once a tick.
  package mutating func summaries(at now: Duration) -> [LogLine] {
    var lines: [LogLine] = []
    for (subject, state) in states {
      switch state {
      case .told(let times):
        if times.allSatisfy({ now - $0 >= Self.period }) { states[subject] = nil }
      case .counted(let since, let changes, let latest):
        guard now - since >= Self.period else { continue }
        if changes == 0 {
          states[subject] = nil
          lines.append(latest.settled("no change for \(DurationText(Self.period))"))
        } else {
          states[subject] = .counted(since: now, changes: 0, latest: latest)
          lines.append(
            latest.flapping(
              subject,
              "\(changes) times in the last \(decimal((now - since).inSeconds / 60, 0)) minutes"))
        }
      }
    }
    return lines.sorted { $0.text < $1.text }
  }
}

extension LogLine.Subject {
  /// So many changes within `FlapFilter.period` are too many to be told one by one.
  fileprivate var many: Int {
    switch self {
    // Weights are there to be changed.
    case .event(.share, _): 40
    default: 6
    }
  }

  fileprivate var keepsOn: String {
    switch self {
    case .event(.share, _): "it keeps changing"
    default: "this keeps coming and going"
    }
  }

  /// Where neighbours come and go, so do shares: that is no fault.
  fileprivate var level: Logger.Level {
    switch self {
    case .event(.share, _): .info
    default: .warning
    }
  }
}

extension LogLine {
  fileprivate func flapping(_ subject: Subject, _ count: String) -> LogLine {
    LogLine(
      event: .flapping, level: subject.level, text: "\(text); \(subject.keepsOn), \(count)",
      fields: fields)
  }

  fileprivate func settled(_ quiet: String) -> LogLine {
    LogLine(event: .settled, text: "\(text); \(quiet)", fields: fields)
  }
}
