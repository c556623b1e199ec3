/// A change of cost that all servers show alike: another release, another mix of requests.
///
/// Alone each server takes over what its own windows say, once they contradict what it knew: the busiest
/// after seconds, one with few requests much later. In between shares would tilt towards those that still
/// look cheap. All windows of a tick together tell it sooner, and what changes for all by one factor
/// changes no share.
struct CommonChange: Hashable, Codable, Sendable {
  /// What a tick's windows say.
  enum Finding: Hashable, Sendable {
    case none
    /// Seen once, or not for long: it may be requests that were counted at the wrong time, and the windows are
    /// not to be learned from.
    case unconfirmed
    /// What all cost is to be multiplied by, above 0.
    case factor(Double)
  }

  /// When a change was first seen that no tick has contradicted since, and whether to more.
  private var seenAt: Timestamp?
  private var isRise = false
  /// Since when no window was learned from.
  private var withheldAt: Timestamp?

  struct Server: Sendable {
    var known: CostLearner
    var window: CostLearner.Window

    /// What the window costs over what was known to be its cost.
    var ratio: Double { window.cpuSeconds / expectedCPUSeconds }
    fileprivate var expectedCPUSeconds: Double {
      window.requests * known.cpuSeconds / known.requests
    }
  }

  /// Takes in a tick's windows.
  ///
  /// - Parameters:
  ///   - servers: that have one.
  ///   - known: how many servers' costs are known. Where less than half of them show anything, nothing can
  ///     be said of all.
  ///   - interval: seconds for which a change must be seen: what peers tell is as old at the most.
  mutating func follow(
    _ servers: [Server], of known: Int, noise: RequestNoise, at now: Timestamp, interval: Double
  ) -> Finding {
    let telling = servers.filter {
      $0.known.requests >= CapacityConstants.fewRequests && $0.known.cpuSeconds > 0
        && $0.window.requests >= 1
    }
    guard 2 * telling.count >= known else {
      return seenAt == nil ? .none : wait(at: now, interval: interval)
    }
    guard let factor = Self.factor(telling, noise: noise) else {
      (seenAt, withheldAt) = (nil, nil)
      return .none
    }
    if seenAt == nil || isRise != (factor > 1) { (seenAt, isRise) = (now, factor > 1) }
    guard let since = seenAt, now.seconds(since: since) >= Self.partOfInterval * interval else {
      return wait(at: now, interval: interval)
    }
    (seenAt, withheldAt) = (nil, nil)
    return .factor(factor)
  }

  /// What is not told in some intervals is not waited for: each server learns by itself again.
  private mutating func wait(at now: Timestamp, interval: Double) -> Finding {
    let since = withheldAt ?? now
    guard now.seconds(since: since) <= CapacityConstants.freshIntervals * interval else {
      (seenAt, withheldAt) = (nil, nil)
      return .none
    }
    withheldAt = since
    return .unconfirmed
  }

  /// Ticks come when the timer lets them.
  private static let partOfInterval = 0.9

  /// The factor by which what all cost has changed, above 0; `nil` where it has not, beyond chance, or not
  /// for all: no server contradicts it, and without any one of them it would be found too.
  ///
  /// - Parameter telling: servers of which enough is known.
  static func factor(_ telling: [Server], noise: RequestNoise) -> Double? {
    let all = telling.reduce(Sum()) { $0 + $1 }
    guard telling.count >= 2, all.factor.isFinite, all.factor > 0,
      telling.allSatisfy({ server in
        let others = all - server
        return noise.contradicts(others.factor, from: others.requests, others.known)
          && (others.factor > 1) == (all.factor > 1)
          && !noise.contradicts(
            server.ratio / all.factor, from: server.window.requests, server.known.requests)
      })
    else { return nil }
    return all.factor
  }

  /// What several servers show together.
  private struct Sum {
    var cpuSeconds = 0.0
    var expected = 0.0
    var requests = 0.0
    /// Requests of the evidence.
    var known = 0.0

    var factor: Double { cpuSeconds / expected }

    static func + (sum: Self, server: Server) -> Self {
      Self(
        cpuSeconds: sum.cpuSeconds + server.window.cpuSeconds,
        expected: sum.expected + server.expectedCPUSeconds,
        requests: sum.requests + server.window.requests, known: sum.known + server.known.requests)
    }

    static func - (sum: Self, server: Server) -> Self {
      Self(
        cpuSeconds: sum.cpuSeconds - server.window.cpuSeconds,
        expected: sum.expected - server.expectedCPUSeconds,
        requests: sum.requests - server.window.requests, known: sum.known - server.known.requests)
    }
  }
}
