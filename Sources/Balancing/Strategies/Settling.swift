/// How young a server is: one that is new, back, or restarted is settling until it was measured for a
/// while, and is not given all at once what its cost says: a cold cache makes requests dear.
struct Settling: Hashable, Codable, Sendable {
  /// Seconds that it was measured for; `nil` once it has settled.
  private var seconds: Double?

  var isSettling: Bool { seconds != nil }

  /// What it gets of what its cost says: a half at first.
  var factor: Double {
    guard let seconds else { return 1 }
    return 0.5 + 0.5 * min(1, seconds / CapacityConstants.comparedSeconds)
  }

  mutating func begin() { seconds = 0 }

  /// It was measured for so much longer.
  mutating func age(by measured: Double) {
    guard let seconds else { return }
    let aged = seconds + measured
    self.seconds = aged < CapacityConstants.comparedSeconds ? aged : nil
  }
}
