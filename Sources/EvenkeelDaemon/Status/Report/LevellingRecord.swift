internal import Balancing
internal import Control

/// What levelling was worth to one backend since it was first known, on average over time.
struct LevellingRecord: Sendable {
  /// A change of mode changes what is compared with what: another record begins with it.
  let mode: BackendSettings.Mode
  private let since: Timestamp
  private var latest: Levelling?
  private var latestAt: Timestamp
  /// Integrals over time.
  private var seconds = 0.0
  private var freedCores = 0.0
  private var spreadLevelled = 0.0
  private var spreadUnlevelled = 0.0

  init(mode: BackendSettings.Mode, at moment: Timestamp) {
    self.mode = mode
    since = moment
    latestAt = moment
  }

  /// Takes in what one tick found. What is known stands until the next tick, and no longer.
  mutating func add(_ levelling: Levelling?, at moment: Timestamp, intervalSeconds: Double) {
    if let latest {
      let lasted = min(max(0, moment.seconds(since: latestAt)), 2 * intervalSeconds)
      seconds += lasted
      freedCores += lasted * latest.freedCores
      spreadLevelled += lasted * latest.spreadLevelled
      spreadUnlevelled += lasted * latest.spreadUnlevelled
    }
    latest = levelling
    latestAt = moment
  }

  /// - Returns: `nil` while nothing is known.
  func report(as wall: WallTime) -> StatusReport.Levelling? {
    guard let latest else { return nil }
    func mean(_ integral: Double, orElse now: Double) -> Double {
      seconds > 0 ? integral / seconds : now
    }
    return StatusReport.Levelling(
      isApplied: mode == .control, cores: latest.cores, freedCores: latest.freedCores,
      fullestLevelled: latest.fullestLevelled, fullestUnlevelled: latest.fullestUnlevelled,
      spreadLevelled: latest.spreadLevelled, spreadUnlevelled: latest.spreadUnlevelled,
      since: wall.moment(since), meanFreedCores: mean(freedCores, orElse: latest.freedCores),
      meanSpreadLevelled: mean(spreadLevelled, orElse: latest.spreadLevelled),
      meanSpreadUnlevelled: mean(spreadUnlevelled, orElse: latest.spreadUnlevelled))
  }
}

extension StatusReport.Levelling {
  /// The headline, in words: what is freed, or what would be.
  package var text: String {
    let verb = isApplied ? "frees" : "would free"
    // Below 0 nothing is freed; by how much is for programs.
    return "levelling \(verb) \(decimal(max(0, freedCores), 1)) of \(decimal(cores, 1)) cores; "
      + "spread \(decimal(meanSpreadLevelled, 2)), not \(decimal(meanSpreadUnlevelled, 2)), on average"
  }
}
