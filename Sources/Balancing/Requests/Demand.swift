/// Requests a second that the servers to be levelled take together, smoothed.
struct Demand: Hashable, Codable, Sendable {
  private var rate = UsualRate()
  private var last: Timestamp?

  var perSecond: Double? { rate.perSecond }

  /// - Returns: the demand to plan for.
  ///
  /// - Parameter memory: seconds after which a look says nothing any more.
  mutating func observe(
    _ arrivals: Double, at now: Timestamp, interval: Double,
    memory: Double = CapacityConstants.evidenceSeconds
  ) -> Double {
    // Without a look before, and after a long gap, it is as if one came at the interval.
    let since = last.map { now.seconds(since: $0) } ?? interval
    let seconds = (0...memory).contains(since) ? since : interval
    last = now
    _ = rate.observe(
      arrivals * seconds, over: seconds, elapsed: seconds, memory: CapacityConstants.demandSeconds)
    return rate.perSecond ?? arrivals
  }
}
