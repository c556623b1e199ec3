/// CPU cores used on a host by all that is not this backend's, smoothed.
struct NeighbourLoad: Hashable, Codable, Sendable {
  private var smoothed: Double?

  /// Cores; 0 before anything was measured.
  var cores: Double { smoothed ?? 0 }

  /// - Parameters:
  ///   - measured: host rate less our containers' rates; windows differ, so it may be below 0.
  ///   - hostCores: above 0.
  mutating func observe(_ measured: Double, hostCores: Double) {
    let now = measured < CapacityConstants.neighbourFloor * hostCores ? 0 : measured
    guard let before = smoothed, abs(now - before) <= CapacityConstants.neighbourJump * hostCores
    else {
      smoothed = now
      return
    }
    smoothed = before + CapacityConstants.neighbourGain * (now - before)
  }
}
