package import Balancing

/// What a run's readings did not say, or said wrongly, as far as a check of the daemon must know it.
package struct GroundTruth: Hashable, Sendable {
  /// A reading that cannot be believed, while it is shown. Times are seconds from the start.
  package struct Lie: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
      /// A CPU counter shows nothing, or a small part, of what is used.
      case showsLittle
      /// What the next reading contradicts: a sample, a gauge, counters that jump.
      case isContradicted
    }

    package var kind: Kind
    package var servers: Set<ServerName>
    package var fromSeconds: Double
    /// When a daemon has had the samples to find it out.
    package var plainSeconds: Double
    /// When the last tick that may have seen it is over.
    package var toSeconds: Double

    package init(
      _ kind: Kind, of servers: Set<ServerName>, fromSeconds: Double, plainSeconds: Double,
      toSeconds: Double
    ) {
      self.kind = kind
      self.servers = servers
      self.fromSeconds = fromSeconds
      self.plainSeconds = plainSeconds
      self.toSeconds = toSeconds
    }
  }

  package var lies: [Lie] = []
  /// When something truly changed, by time.
  package var changes: [Double] = []
  /// Requests that clients sent, by second.
  package var arrived: [Int] = []
  /// What each server's host has.
  package var hostCores: [ServerName: Double] = [:]
  /// The part of the requests that follows no weights.
  package var pinned = 0.0
  /// Whether several backends have the same containers.
  package var sharesContainers = false
  /// Seconds after which the next second of a steady cluster is like the last.
  package var quietSeconds: Double

  package init(quietSeconds: Double) { self.quietSeconds = quietSeconds }

  /// Whether nothing but what is not true has happened for long.
  func isQuiet(from start: Double, to end: Double) -> Bool {
    start >= quietSeconds && !changes.contains { $0 > start - quietSeconds && $0 <= end }
  }

  /// More than what came in any of the last seconds: no mean of them can be more.
  func mostDemand(at seconds: Double) -> Double? {
    let (from, to) = (max(0, seconds - 2 * quietSeconds), min(seconds + 1, Double(arrived.count)))
    guard from < to else { return nil }
    return arrived[Int(from)..<Int(to)].max().map(Double.init)
  }
}
