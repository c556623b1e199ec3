/// Requests in the last second as HAProxy counts them: those of this one, and of the one before it the
/// part that is not over yet.
struct RequestRate: Sendable {
  private var second = -1.0
  private var current = 0.0
  private var previous = 0.0

  mutating func count(at now: Double) {
    let second = now.rounded(.down)
    if second > self.second {
      previous = second == self.second + 1 ? current : 0
      current = 0
      self.second = second
    }
    current += 1
  }

  func value(at now: Double) -> Double {
    let left = 1 - (now - now.rounded(.down))
    switch now.rounded(.down) - second {
    case 0: return current + previous * left
    case 1: return current * left
    default: return 0
    }
  }
}
