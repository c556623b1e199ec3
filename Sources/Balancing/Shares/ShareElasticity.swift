internal import Glibc

/// Whether shares of the requests follow shares of the weights, and how far: 1 is in proportion.
///
/// Each change of the weights is an experiment. Under `leastconn` at light load idle servers tie
/// whatever their weight, and what cookies pin follows none: a correction would run away there.
struct ShareElasticity: Hashable, Codable, Sendable {
  /// What came under weights that stood.
  private struct Epoch: Hashable, Codable, Sendable {
    /// By server: its share of the weights, and the requests that came.
    var shares: [ServerName: Double]
    var arrived: [ServerName: Double]

    var total: Double { arrived.values.reduce(0, +) }
  }

  private var before: Epoch?
  private var now: Epoch?
  /// Sums over the changes: of what shares of requests did times what weights did, and of its square,
  /// each in units of the error of such a comparison.
  private var covariance = 0.0
  private var variance = 0.0
  /// Seconds since the last of them was taken in.
  private var elapsed = 0.0

  /// What was seen so far.
  private(set) var verdict = Verdict.unknown

  enum Verdict: String, Hashable, Codable, Sendable {
    case unknown, answers, ignores
  }

  /// - Parameter seconds: in which so many came.
  mutating func observe(
    _ up: [ServerObservation], _ came: [ServerName: Double], over seconds: Double
  ) {
    elapsed += seconds
    let shares = Dictionary(up.map { ($0.name, $0.share) }) { first, _ in first }
    if let epoch = now, epoch.shares.keys != shares.keys { (before, now) = (nil, nil) }
    var epoch = now ?? Epoch(shares: shares, arrived: [:])
    if Self.differ(epoch.shares, shares) {
      if epoch.total >= ShareConstants.epochRequests { before = epoch }
      epoch = Epoch(shares: shares, arrived: [:])
    }
    let wasShort = epoch.total < ShareConstants.epochRequests
    for (name, count) in came { epoch.arrived[name, default: 0] += count }
    now = epoch
    if wasShort, epoch.total >= ShareConstants.epochRequests { compare() }
  }

  private static func differ(_ one: [ServerName: Double], _ other: [ServerName: Double]) -> Bool {
    one.contains { abs((other[$0.key] ?? 0) - $0.value) > 1e-9 }
  }

  /// Takes in an epoch when it has lasted for long enough.
  private mutating func compare() {
    guard let before, let now, before.total > 0, now.total > 0 else { return }
    let kept = Fading.kept(after: elapsed, memory: CapacityConstants.usualSeconds)
    (covariance, variance, elapsed) = (kept * covariance, kept * variance, 0)
    for (name, share) in now.shares.sorted(by: { $0.key < $1.key }) {
      guard let old = before.shares[name], old > 0, share > 0, let came = now.arrived[name],
        let had = before.arrived[name], came > 0, had > 0
      else { continue }
      let moved = log(share / old)
      let followed = log(came / now.total / (had / before.total))
      let weight = 1 / (1 / came + 1 / had)
      covariance += weight * moved * followed
      variance += weight * moved * moved
    }
    guard variance > 0 else { return }
    let (slope, error) = (covariance / variance, 1 / variance.squareRoot())
    if slope + CapacityConstants.chanceDeviations * error < ShareConstants.leastElasticity {
      verdict = .ignores
    } else if slope - CapacityConstants.chanceDeviations * error > ShareConstants.leastElasticity {
      verdict = .answers
    }
  }
}
