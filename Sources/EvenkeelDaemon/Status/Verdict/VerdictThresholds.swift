internal import Balancing

/// What is held against a backend's spread.
package struct VerdictThresholds: Sendable, Equatable {
  package var warning: NagiosRange?
  package var critical: NagiosRange?
  /// For how long a spread may be high before it is said: levelling takes its time. `nil` where
  /// somebody chose the ranges, which then count at once.
  fileprivate var patience: Patience?

  fileprivate struct Patience: Sendable, Equatable {
    var seconds = 60.0
    var intervals = 6.0
  }

  package init(warning: NagiosRange?, critical: NagiosRange?) {
    self.warning = warning
    self.critical = critical
  }

  /// What counts where nobody says otherwise.
  package static let standard = {
    var standard = VerdictThresholds(
      warning: NagiosRange("\(Spread.most)"), critical: nil)
    standard.patience = Patience()
    return standard
  }()

  /// Spreads that are worth a word.
  package enum Spread {
    /// What is above is not level.
    package static let most = 1.25
    /// With a fullest server below this, no spread costs anybody anything.
    package static let leastUtilisation = 0.1
  }

  /// How the spread of a backend is to be judged; `nil` where it is good.
  func level(of backend: StatusReport.Backend, in report: StatusReport) -> SpreadLevel? {
    guard let spread = backend.spread else { return nil }
    if let patience {
      guard let since = backend.unevenSince else { return nil }
      let most = max(patience.seconds, patience.intervals * report.intervalSeconds)
      return report.now.seconds(since: since) > most ? .uneven(.warning) : .young
    }
    if critical?.alerts(spread) == true { return .uneven(.critical) }
    return warning?.alerts(spread) == true ? .uneven(.warning) : nil
  }

  enum SpreadLevel: Equatable {
    /// High, and not for long.
    case young
    case uneven(Verdict.Level)
  }
}
