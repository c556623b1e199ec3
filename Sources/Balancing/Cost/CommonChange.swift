/// A change of cost that all servers show alike: another release, another mix of requests.
///
/// Alone each server takes over what its own windows say, once they contradict what it knew: the busiest
/// after seconds, one with few requests much later. In between shares would tilt towards those that still
/// look cheap. All windows of a tick together tell it sooner, and what changes for all by one factor
/// changes no share.
enum CommonChange {
  struct Server: Sendable {
    var known: CostLearner
    var window: CostLearner.Window

    /// What the window costs over what was known to be its cost.
    var ratio: Double { window.cpuSeconds / expectedCPUSeconds }
    fileprivate var expectedCPUSeconds: Double {
      window.requests * known.cpuSeconds / known.requests
    }
  }

  /// The factor by which what all cost has changed, above 0; `nil` where it has not, beyond chance, or not
  /// for all: no server contradicts it, and without any one of them it would be found too.
  static func factor(_ servers: [Server], noise: RequestNoise) -> Double? {
    let telling = servers.filter {
      $0.known.requests >= CapacityConstants.fewRequests && $0.known.cpuSeconds > 0
        && $0.window.requests >= 1
    }
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
