/// What is known of a server's load in one tick.
package enum Load: Hashable, Sendable {
  case measured(Measured)
  case unknown(ServerHold)

  var measured: Measured? {
    if case .measured(let measured) = self { measured } else { nil }
  }

  package struct Measured: Hashable, Sendable {
    /// CPU use in cores.
    package var cores: Double
    /// Cores that it may use: its own limit, at most its host's.
    package var limitCores: Double
    package var utilisation: Utilisation
    /// When the measurement began, on our clock.
    var began: Timestamp
    var host: HostName
    /// What of that is its own, told or seen.
    package var capacity = Capacity()
    /// The host's cores, and how many of them all that runs there uses, where they are known.
    package var hostCores: Double?
    package var hostCoresUsed: Double?
    /// Seconds between the two samples that the CPU use was taken from.
    package var windowSeconds = 0.0

    /// The middle of the measurement, on our clock.
    var middle: Timestamp { began.advanced(bySeconds: windowSeconds / 2) }

    /// Whether it is so old that a queue tells of trouble sooner.
    func isLate(in tick: Tick) -> Bool {
      let ageSeconds = tick.now.seconds(since: began) - windowSeconds
      return ageSeconds >= CapacityConstants.promptIntervals * tick.interval
    }
  }
}
