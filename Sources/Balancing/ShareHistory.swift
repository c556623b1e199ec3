/// The shares that a server had of late, so that what was measured can be set against its own.
struct ShareHistory: Hashable, Codable, Sendable {
  private struct Standing: Hashable, Codable, Sendable {
    var since: Timestamp
    var share: Double
  }

  /// Oldest first.
  private var standings: [Standing] = []

  mutating func note(_ share: Double, at now: Timestamp) {
    if let last = standings.last, last.share == share { return }
    standings.append(Standing(since: now, share: share))
    let old = standings.dropFirst().prefix {
      now.seconds(since: $0.since) > CapacityConstants.pollMemorySeconds
    }
    standings.removeFirst(old.count)
    if standings.count > Self.mostStandings { standings.removeFirst() }
  }

  /// The most that stood at any time between two moments; `nil` where it is not known.
  func most(from: Timestamp, to: Timestamp) -> Double? {
    let first = standings.lastIndex { $0.since <= from } ?? standings.startIndex
    return standings[first...].filter { $0.since <= to }.map(\.share).max()
  }

  private static let mostStandings = 64
}
