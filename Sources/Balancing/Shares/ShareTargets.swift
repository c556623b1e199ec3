/// From the shares that a strategy wishes to the shares that may be written.
struct ShareTargets: Sendable {
  /// What a strategy wishes for a server that it can see.
  struct Wish: Sendable {
    var view: ServerView
    /// In proportion to the other wishes.
    var share: Double
    var rise = ShareLimits.Rise.stepwise()
    /// How far its utilisation follows its share, 0…1.
    var leverage = 1.0
  }

  /// Shares of all traffic, by server.
  let shares: [ServerName: Double]
  /// Whether those that stand are near enough.
  let areReached: Bool

  /// - Parameters:
  ///   - drifting: servers long unknown, on their way to the mean of the others.
  ///   - elapsed: seconds that they go on it.
  ///   - scaleIsFree: whether no other server keeps a weight.
  init(
    _ wishes: [Wish], drifting: [ServerView], elapsed: Double, band: DeadBand,
    bounds: WeightBounds, scaleIsFree: Bool
  ) {
    let standing = Self.standing(wishes.map(\.view) + drifting)
    let seen = Array(standing.prefix(wishes.count))
    let unseen = Array(standing.dropFirst(wishes.count))
    let mean = seen.reduce(0, +) / Double(max(seen.count, 1))
    let drift = Fading.gain(after: elapsed, memory: CapacityConstants.evidenceSeconds)
    let drifted = unseen.map { $0 + drift * (mean - $0) }
    let left = max(0, standing.reduce(0, +) - drifted.reduce(0, +))
    let levelled = ShareLimits.capped(
      ShareLimits.raised(wishes.map(\.share), bounds: bounds),
      at: ShareLimits.caps(seen, wishes.map(\.rise)), total: left)
    let target = levelled + drifted
    let names = wishes.map(\.view.server.name) + drifting.map(\.server.name)
    shares = Dictionary(zip(names, target)) { first, _ in first }
    // A drifting server is judged by where it goes: one tick's step would never be worth a write.
    let isNear =
      zip(zip(seen, levelled), wishes).allSatisfy { shares, wish in
        band.contains(
          shares.0, around: shares.1, evidence: wish.view.evidence, leverage: wish.leverage,
          isCorrected: wish.view.server.response != 1)
      }
      && unseen.allSatisfy { band.contains($0, around: mean, evidence: .infinity) }
    // What whole weights make of them is judged in weights.
    let responses = (wishes.map(\.view) + drifting).map(\.server.response)
    areReached =
      isNear
      || (scaleIsFree
        && Self.isRounded(
          zip(standing, responses).map { $0 / $1 }, zip(target, responses).map { $0 / $1 },
          bounds: bounds))
  }

  /// The shares that stand; equal ones where nothing is known of them.
  private static func standing(_ views: [ServerView]) -> [Double] {
    let shares = views.map(\.server.share)
    guard shares.reduce(0, +) > 0 else {
      return shares.map { _ in 1 / Double(shares.count) }
    }
    return shares
  }

  /// Whether the shares that stand are what whole weights make of those wanted.
  private static func isRounded(
    _ standing: [Double], _ wanted: [Double], bounds: WeightBounds
  ) -> Bool {
    let weights = WeightRounding.free(wanted, bounds: bounds).map { Double($0.value) }
    let (weightSum, shareSum) = (weights.reduce(0, +), standing.reduce(0, +))
    return zip(weights, standing).allSatisfy { weight, share in
      abs(weight / weightSum * shareSum - share) <= 1e-6 * share
    }
  }
}
