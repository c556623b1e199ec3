internal import Glibc

/// The work that waits at a server by chance alone, as requests come at random and differ in cost.
enum ChanceQueue {
  /// The mean wait in services: before one server Pollaczek's and Khinchine's (for instance Kleinrock,
  /// Queueing Systems I, 5.6), before several lanes Sakasegawa's of 1977, which is the same for one.
  ///
  /// - Parameters:
  ///   - utilisation: 0…1; fuller than `CapacityConstants.busyServer` is no chance.
  ///   - squared: by how much requests differ in cost, variance over squared mean.
  ///   - lanes: requests that are served at a time.
  ///   - factor: the multiple of the mean that is asked for.
  static func services(
    utilisation: Double, squared: Double, lanes: Int = 1, times factor: Double = 1
  ) -> Double {
    let load = min(max(utilisation, 0), CapacityConstants.busyServer)
    guard load > 0 else { return 0 }
    let busy = lanes == 1 ? load : pow(load, (2 * Double(lanes + 1)).squareRoot() - 1)
    return factor * busy * (1 + squared) / (2 * Double(lanes) * (1 - load))
  }

  /// The mean wait before one server, in intervals of its whole CPU.
  ///
  /// - Parameter serviceSeconds: what a request takes on the server's whole CPU.
  static func meanIntervals(
    utilisation: Double, noise: RequestNoise, serviceSeconds: Double, interval: Double
  ) -> Double {
    services(utilisation: utilisation, squared: noise.squared) * serviceSeconds / interval
  }
}
