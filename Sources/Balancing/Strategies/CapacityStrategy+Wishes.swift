// From the solution's rates to what each server may get in this tick.

extension CapacityStrategy {
  /// What the solution's rates mean for each server, within what one tick may do.
  mutating func wishes(
    _ rates: [Double], leverage: [Double], piles: [Double?], for levelled: [LevelledServer]
  ) -> [ShareTargets.Wish] {
    let total = rates.reduce(0, +)
    let limits = levelled.map(\.load.limitCores)
    let limit = limits.reduce(0, +)
    let standing = levelled.reduce(0) { $0 + $1.server.share }
    return levelled.indices.map { index in
      let one = levelled[index]
      let share = max(rates[index] / total, CapacityConstants.floor * limits[index] / limit)
      records[one.name]?.queue.note(wish: share * standing, standing: one.server.share)
      return ShareTargets.Wish(
        view: one.view, share: share,
        rise: piles[index] == nil ? rise(of: one, among: standing) : .none,
        leverage: leverage[index])
    }
  }

  /// - Parameter shares: those of all that are levelled, together.
  private func rise(of one: LevelledServer, among shares: Double) -> ShareLimits.Rise {
    // What may only look cheap is not given more.
    guard one.server.doubt == nil else { return .none }
    if !one.server.weightIsOurs, one.evidence >= CapacityConstants.manyRequests { return .free }
    let record = records[one.name]
    return .stepwise(
      measured: record?.shares.share(at: one.load.middle) ?? .infinity,
      before: record?.queue.shareBefore ?? 0, most: mostTried(of: one, among: shares))
  }

  /// The share under which a server without a limit of its own would use a little more than it was seen
  /// to use: a limit of which nobody tells shows before it hurts.
  private func mostTried(of one: LevelledServer, among shares: Double) -> Double {
    shareShown(of: one, among: shares).map { DoubtConstants.trialStep * $0 } ?? .infinity
  }

  /// The share that a server was seen to serve; `nil` where it has a limit of its own, told or seen.
  private func shareShown(of one: LevelledServer, among shares: Double) -> Double? {
    let capacity = one.load.capacity
    guard capacity.limit == nil, let arrivals = demand.perSecond, arrivals > 0 else { return nil }
    return max(capacity.shownCores ?? 0, one.load.cores) / (one.cost * arrivals) * shares
  }

  /// Whether a server has been given more than it was seen to serve, and is to be looked at before long.
  mutating func isTrying(_ levelled: [LevelledServer], in tick: Tick) -> Bool {
    guard tick.discipline.isByRate, let lastWrite = tick.lastWrite,
      tick.now.seconds(since: lastWrite) <= 2 * tick.interval
    else { return false }
    let standing = levelled.reduce(0) { $0 + $1.server.share }
    let isBeyond = levelled.contains { one in
      // Half of the step: the demand alone is a little beyond its highest now and then.
      shareShown(of: one, among: standing).map {
        one.server.share > (1 + DoubtConstants.trialStep) / 2 * $0
      } ?? false
    }
    return trials.take(if: isBeyond, of: CapacityConstants.youngTicks)
  }
}
