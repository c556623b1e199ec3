/// Quick ticks that are left for one reason; each tick without it gives one back, so that a reason that
/// stays makes no storm of polls.
struct QuickTickBudget: Hashable, Codable, Sendable {
  private var left: Int

  init(_ most: Int) { left = most }

  /// - Returns: whether one was taken.
  mutating func take(if isWanted: Bool, of most: Int) -> Bool {
    guard isWanted else {
      left = min(left, most - 1) + 1
      return false
    }
    guard left > 0 else { return false }
    left -= 1
    return true
  }
}
