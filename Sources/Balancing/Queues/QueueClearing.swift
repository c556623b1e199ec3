/// Requests that wait for want of CPU, and that their server works off while it gets less.
struct QueueClearing: Hashable, Codable, Sendable {
  private(set) var isUnderWay = false
  /// Whether a part of what it takes to begin is there.
  private(set) var isDoubtful = false
  /// The most of all traffic that the server had before, until it has its due again: on the way back
  /// a share need not be doubled from next to nothing.
  private(set) var shareBefore: Double?

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
    isDoubtful =
      !isUnderWay && intervals > bounds.upperBound * patience * CapacityConstants.doubtfulQueue
    if begins { shareBefore = max(shareBefore ?? 0, share) }
  }

  /// Takes note of what is wished for the server, by which its way back ends.
  mutating func note(wish: Double, standing: Double) {
    guard !isUnderWay, let before = shareBefore else { return }
    if standing * CapacityConstants.step >= min(wish, before) { shareBefore = nil }
  }
}
