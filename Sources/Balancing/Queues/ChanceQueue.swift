/// The work that waits at a server by chance alone, as requests come at random and differ in cost.
enum ChanceQueue {
  /// The mean wait before one server (Pollaczek and Khinchine; for instance Kleinrock, Queueing
  /// Systems I, 5.6), in intervals of its whole CPU.
  ///
  /// - Parameters:
  ///   - utilisation: 0…1; fuller than `CapacityConstants.busyServer` is no chance.
  ///   - serviceSeconds: what a request takes on the server's whole CPU.
  static func meanIntervals(
    utilisation: Double, noise: RequestNoise, serviceSeconds: Double, interval: Double
  ) -> Double {
    let load = min(max(utilisation, 0), CapacityConstants.busyServer)
    return load * (1 + noise.squared) / (2 * (1 - load)) * serviceSeconds / interval
  }
}
