/// Holds a host's own CPU counter against its cores, and against what our containers on it use.
struct HostExaminer: Hashable, Codable, Sendable {
  private var base: CPUSample?
  /// Seconds for which nothing was found.
  private var goodSeconds = 0.0
  private(set) var doubt: HostDoubt?
  private(set) var lastSeen: Timestamp

  init(seen now: Timestamp) { lastSeen = now }

  /// - Parameter ours: the containers on it whose counters are believed.
  mutating func examine(
    _ host: HostObservation, ours: [SampleRun], in tick: Tick
  ) -> HostDoubt? {
    lastSeen = tick.now
    guard let newest = host.run.samples.last else {
      (base, doubt) = (nil, nil)
      return nil
    }
    guard let base, let used = newest.cpuSeconds(since: base), newest.timestamp >= base.timestamp
    else {
      base = newest
      return doubt
    }
    let seconds = newest.timestamp.seconds(since: base.timestamp)
    guard seconds >= CapacityConstants.comparedSeconds else { return doubt }
    let usedByUs = ours.reduce(0) {
      $0 + $1.cpuSeconds(from: base.timestamp, to: newest.timestamp, beyond: 0)
    }
    self.base = newest
    judge(used, ours: usedByUs, cores: host.cores, seconds: seconds)
    return doubt
  }

  private mutating func judge(
    _ used: Double, ours usedByUs: Double, cores: Double, seconds: Double
  ) {
    let most = cores * seconds * DoubtConstants.hostMargin + DoubtConstants.hostSlackSeconds
    let found: HostDoubt? =
      if cores > 0, used > most {
        .moreThanItHas(cores: used / seconds)
      } else if usedByUs > DoubtConstants.hostSlackSeconds,
        used * CapacityConstants.farOff < usedByUs
      {
        .lessThanItsContainers
      } else {
        nil
      }
    if let found {
      (doubt, goodSeconds) = (found, 0)
    } else {
      goodSeconds += seconds
      if goodSeconds >= CapacityConstants.recentSeconds { doubt = nil }
    }
  }
}
