internal import Balancing

/// What a cumulative CPU counter can show from one reading to the next.
struct CounterRise {
  /// Cores beyond which no machine goes, where nothing is known of this one.
  private static let unknownCores = 1024.0
  /// Counter and timestamp are not read at the same instant, and a quota may be used in bursts.
  private static let margin = 1.25
  private static let slackSeconds = 0.5

  private let mostCores: Double

  init(mostCores: Double?) {
    self.mostCores = mostCores.flatMap { $0.isFinite && $0 > 0 ? $0 : nil } ?? Self.unknownCores
  }

  /// Whether so much can have been used in between.
  func isPlausible(from earlier: CPUSample, to later: CPUSample) -> Bool {
    guard let used = later.cpuSeconds(since: earlier) else { return false }
    return used <= most(in: later.timestamp.seconds(since: earlier.timestamp))
  }

  /// Whether a sample that is out of line is contradicted by the one after it.
  ///
  /// A counter that rose too far and falls again was wrong. So was one that rose no further than it
  /// may and falls to where it was before, unless it can have begun anew meanwhile. One that fell may
  /// have begun anew as well, and shows then no more than was used since; where it is far above that,
  /// the fall was wrong.
  func isContradicted(_ odd: CPUSample, after last: CPUSample, by next: CPUSample) -> Bool {
    guard odd.cpuNanoseconds >= last.cpuNanoseconds else {
      return !isPlausible(from: odd, to: next)
    }
    guard next.cpuNanoseconds < odd.cpuNanoseconds else { return false }
    return !isPlausible(from: last, to: odd)
      || (next.cpuNanoseconds >= last.cpuNanoseconds && !canHaveBegun(since: odd, next))
  }

  /// Whether the counter can have begun after a sample and show what it shows now.
  private func canHaveBegun(since odd: CPUSample, _ next: CPUSample) -> Bool {
    Double(next.cpuNanoseconds) / 1e9 <= most(in: next.timestamp.seconds(since: odd.timestamp))
  }

  private func most(in seconds: Double) -> Double {
    mostCores * max(0, seconds) * Self.margin + Self.slackSeconds
  }
}
