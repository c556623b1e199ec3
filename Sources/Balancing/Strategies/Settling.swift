/// How young a server is: one that is new, back, or restarted is settling until it was measured a few
/// times, and is not given all at once what its cost says: a cold cache makes requests dear.
struct Settling: Hashable, Codable, Sendable {
  private var windows: Int?

  var isSettling: Bool { windows != nil }

  /// What it gets of what its cost says: a half at first.
  var factor: Double {
    guard let windows else { return 1 }
    return 0.5 + 0.5 * Double(windows) / Double(CapacityConstants.settlingWindows)
  }

  mutating func begin() { windows = 0 }

  /// It was measured once more.
  mutating func age() {
    guard let windows else { return }
    self.windows = windows < CapacityConstants.settlingWindows - 1 ? windows + 1 : nil
  }
}
