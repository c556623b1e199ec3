/// Whether a backend is looked at more often than once an interval, because neighbours come and go on hosts
/// that they crowd.
struct NeighbourWatch: Hashable, Codable, Sendable {
  /// When there were such neighbours last; `nil` while it rests.
  private var wantedAt: Timestamp?
  private var lookedAt: Timestamp?

  /// Whether a look comes as early as it was wanted to, so that the next may be taken to do so as well.
  ///
  /// - Parameter seconds: between two of its looks.
  func isUnderWay(at now: Timestamp, every seconds: Double) -> Bool {
    guard wantedAt != nil, let lookedAt else { return false }
    return now.seconds(since: lookedAt) <= CapacityConstants.farOff * seconds
  }

  /// Takes in what a look has found.
  ///
  /// - Parameters:
  ///   - isCrowded: whether there are such neighbours; `nil` where that could not be told this time.
  ///   - patience: seconds for which it goes on without that being told.
  /// - Returns: whether the next look is to come early. So is the one behind its end: what was planned
  ///   for seconds is not to stand for an interval.
  mutating func follow(_ isCrowded: Bool?, at now: Timestamp, patience: Double) -> Bool {
    let wasUnderWay = wantedAt != nil
    lookedAt = now
    switch isCrowded {
    case true?: wantedAt = now
    case false?: wantedAt = nil
    case nil:
      if let wantedAt, now.seconds(since: wantedAt) > patience { self.wantedAt = nil }
    }
    return wantedAt != nil || wasUnderWay
  }
}
