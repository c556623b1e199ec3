/// How well it goes, of one backend or of all: made from a `StatusReport` alone, and the same for page,
/// `status`, systemd's line, monitoring plugins, metrics and alerts.
package struct Verdict: Codable, Equatable, Sendable {
  /// What a monitoring system is told.
  package enum Level: String, Codable, CaseIterable, Comparable, Sendable {
    case ok, warning, critical

    package static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// What is being done, in one word; of several the last in this order is told first.
  package enum State: String, Codable, CaseIterable, Comparable, Sendable {
    case balanced
    case idle
    case nothingToLevel = "nothing_to_level"
    case observing
    /// On its way: the spread is high, and has not been for long.
    case levelling
    case learning
    case starting
    case paused
    /// It works, without all of its servers or parts.
    case degraded
    /// Balanced, and no server has room left.
    case full
    case uneven
    case notSteering = "not_steering"
    case stalled

    package static func < (left: State, right: State) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// One thing that somebody should see to.
  package struct Finding: Codable, Equatable, Sendable {
    package var level: Level
    @OrNull package var backend: String?
    @OrNull package var server: String?
    /// A sentence.
    package var text: String
  }

  package var level: Level
  package var state: State
  /// The state as it is said: `NOT steering`.
  package var words: String
  /// Since when it is in this state; `null` where that is not known.
  @OrNull package var since: Moment?
  /// Why, or with what figures.
  @OrNull package var reason: String?
  /// All of that in one sentence, with names and with clock times of the machine that made it.
  package var sentence: String
  /// What traffic does meanwhile, where something is wrong.
  @OrNull package var meanwhile: String?
  /// What to type, the most useful first.
  package var commands: [String]
  /// What somebody should see to, the worst first.
  package var findings: [Finding]

  /// Nothing is known yet.
  package static let none = Verdict(
    level: .warning, state: .starting, words: "starting", since: nil, reason: nil,
    sentence: "starting", meanwhile: nil, commands: [], findings: [])
}
