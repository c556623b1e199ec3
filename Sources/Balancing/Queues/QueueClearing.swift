/// Requests that wait for want of CPU, and that their server works off while it gets less.
struct QueueClearing: Hashable, Codable, Sendable {
  private(set) var isUnderWay = false
  /// Whether there is more than is as good as none, and less than it takes to begin.
  private(set) var isDoubtful = false
  /// The most of all traffic that the server had before, until it has its due again: on the way back
  /// a share need not be doubled from next to nothing.
  private(set) var shareBefore: Double?
  /// How long requests have piled up at the server, until samples tell as much.
  private(set) var spell: SaturatedTime?
  /// Ticks that are made quick for it.
  private var quickTicks = QuickTickBudget(CapacityConstants.clearingTicks)

  /// What chance piles up ends by itself: only a queue that lasts is worth writing weights for.
  ///
  /// - Parameters:
  ///   - intervals: of the server's whole CPU that its queue takes.
  ///   - byChance: intervals that may wait by chance, and are no reason to begin.
  ///   - share: of all traffic, as it stands.
  mutating func observe(intervals: Double, byChance: Double = 0, share: Double) {
    let bounds = CapacityConstants.queueIntervals
    let patience = max(1, byChance / bounds.upperBound)
    let begins = !isUnderWay && intervals > bounds.upperBound * patience
    isUnderWay = begins || intervals > bounds.lowerBound * patience && isUnderWay
    isDoubtful = !isUnderWay && intervals > bounds.lowerBound * patience
    if begins { shareBefore = max(shareBefore ?? 0, share) }
  }

  /// A spell begins with a queue that is worth clearing, after the poll before this one, and lasts
  /// until samples tell as much.
  ///
  /// - Parameters:
  ///   - answered: what the server answered well.
  ///   - began: when the newest measurement of CPU use did.
  mutating func followSpell(
    isPiled: Bool, _ answered: CounterHistory, sampledSince began: Timestamp, at now: Timestamp
  ) {
    if isPiled {
      guard isUnderWay || spell != nil, let start = spell?.began ?? answered.pollBefore(now)
      else { return }
      spell = SaturatedTime(began: max(start, began), ended: now)
    } else if let start = spell?.began, began >= start {
      spell = nil
    }
  }

  /// Takes note of what is wished for the server, by which its way back ends; while a spell lasts, that
  /// is not its due yet.
  mutating func note(wish: Double, standing: Double) {
    guard spell == nil, !isUnderWay, let before = shareBefore else { return }
    if standing * CapacityConstants.step >= min(wish, before) { shareBefore = nil }
  }

  /// Whether the next tick is to be quick, as long as there are such left. Asking for it is taking it.
  ///
  /// - Parameter isPileBelowDue: whether requests pile up while the server gets less than its due.
  mutating func takeQuickTick(isPileBelowDue: Bool) -> Bool {
    quickTicks.take(
      if: isUnderWay || isPileBelowDue, of: CapacityConstants.clearingTicks)
  }
}
