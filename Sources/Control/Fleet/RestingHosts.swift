internal import Balancing

/// Which hosts are left out of a tick: those where nobody's server is are asked once in a minute.
///
/// Each has its own moment in it, so that a fleet's do not come all at once.
struct RestingHosts: Sendable {
  private static let seconds = 60.0

  /// When each was asked last at an interval.
  private var askedAt: [HostName: Timestamp] = [:]

  /// The hosts to leave out now.
  ///
  /// - Parameter idle: those of the fleet where nobody's server is.
  mutating func leftOut(
    of fleet: [HostName], idle: Set<HostName>, at now: Timestamp
  ) -> Set<HostName> {
    var (leftOut, asked): (Set<HostName>, [HostName: Timestamp]) = ([], [:])
    for (place, host) in fleet.enumerated() {
      func lap(_ time: Timestamp) -> Double {
        (Double(time.nanoseconds) / 1e9 / Self.seconds + Double(place) / Double(fleet.count))
          .rounded(.down)
      }
      if idle.contains(host), let before = askedAt[host], lap(before) == lap(now) {
        asked[host] = before
        leftOut.insert(host)
      } else {
        asked[host] = now
      }
    }
    askedAt = asked
    return leftOut
  }
}
