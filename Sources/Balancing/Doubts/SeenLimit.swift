/// What a server was seen to do while requests waited: the limit that holds, whoever sets it.
///
/// A limit that is told is an upper bound: a quota on a parent cgroup, CPUs shared with others, a pool
/// of threads or a licence are in no container's spec. While requests wait at a server as they do not
/// at its peers, nor usually at itself, it works as fast as it can, whatever the reason: the cores that
/// it uses then are all that it has. That stands until it shows more by itself, or in a trial.
///
/// Where it has shown much more before, something else may have held it up for a moment, and its peers
/// with it: a hypervisor that gave the machine no CPU, a disk, a lock. Then it must be seen twice in a row,
/// and stands as long again before it is tried.
struct SeenLimit: Hashable, Codable, Sendable {
  /// What a server's queue is held against in one tick.
  struct Look: Sendable {
    /// Tells one container from its successor.
    var id: String
    /// Its own samples.
    var run: SampleRun
    /// Requests at it, or waiting for it.
    var inFlight: Double
    /// Those of them that wait as they do not at others, nor usually here.
    var waiting: Double
    /// The cores that it may use, by what is told of it.
    var told: Double
    /// Its host's samples, with the host's cores; `nil` where they are not believed.
    var host: (run: SampleRun, cores: Double)?
    /// Now, on its host's clock.
    var now: Timestamp
    /// Whether it may be tried whether there is more: one server at a time.
    var mayTry = true
  }

  private var id: String?
  /// Cores; `nil` while the limit that is told has explained all queues.
  private(set) var cores: Double?
  /// The most cores that it was seen to use in a window; `nil` before there was one.
  private(set) var shownCores: Double?
  /// When it was seen or tried last.
  private var since: Timestamp?
  /// Seconds until the next trial; `nil` before a limit was seen.
  private var patience: Double?
  /// Since when windows have shown a limit below what was shown before, the last one included.
  private var suspectedSince: Timestamp?
  private(set) var isTrying = false
  /// Where the open window begins, and how many requests were there then.
  private var base: (sample: CPUSample, inFlight: Double)? {
    get { baseSample.map { ($0, baseInFlight) } }
    set { (baseSample, baseInFlight) = (newValue?.sample, newValue?.inFlight ?? 0) }
  }
  private var baseSample: CPUSample?
  /// When it took no traffic last: no window begins before.
  private var notBefore: Timestamp?
  /// What all others on its host used in the last window.
  private var othersCores: Double?
  private var baseInFlight = 0.0

  mutating func observe(_ look: Look, interval: Double) {
    if look.id != id {
      self = SeenLimit()
      id = look.id
    }
    if let newest = look.run.samples.last { close(at: newest, look) }
    if look.waiting <= 0, isTrying || look.mayTry { goOn(now: look.now, interval: interval) }
    if let seen = cores, seen >= look.told { (cores, since, isTrying) = (nil, look.now, false) }
  }

  /// Its counter is not believed: what it shows is no measure of what the server can do.
  mutating func pause() { (base, suspectedSince) = (nil, nil) }

  /// It takes no traffic, or less than its weight would bring, and does not do all that it can.
  ///
  /// - Parameter now: on the host's clock.
  mutating func rest(at now: Timestamp) { (base, suspectedSince, notBefore) = (nil, nil, now) }

  private mutating func close(at newest: CPUSample, _ look: Look) {
    guard let base, newest.timestamp >= base.sample.timestamp,
      let used = newest.cpuSeconds(since: base.sample)
    else {
      suspectedSince = nil
      if notBefore.map({ newest.timestamp >= $0 }) ?? true { base = (newest, look.inFlight) }
      return
    }
    let seconds = newest.timestamp.seconds(since: base.sample.timestamp)
    guard seconds >= CapacityConstants.comparedSeconds else { return }
    self.base = (newest, look.inFlight)
    let suspected = suspectedSince
    suspectedSince = nil
    shownCores = max(shownCores ?? 0, used / seconds)
    let othersBefore = othersCores
    othersCores = look.host.map { host in
      let all = host.run.cpuSeconds(from: base.sample.timestamp, to: newest.timestamp, beyond: 0)
      return (all - used) / seconds
    }
    // While its queue grows, or there is one at both ends, a server does all that it can; while the last
    // of it is worked off, it need not.
    let isBusy =
      look.inFlight >= base.inFlight || base.inFlight >= CapacityConstants.noAccident
    if look.waiting > 0, isBusy {
      guard !isExplained(look, used: used / seconds, othersBefore: othersBefore) else { return }
      learn(used / seconds, look, from: base.sample, to: newest, suspected: suspected)
    } else if let limit = cores, used / seconds > limit {
      // What it uses it can use.
      cores = used / seconds
    }
  }

  /// A full host is reason enough for a queue, and so are neighbours that have just come.
  private func isExplained(_ look: Look, used: Double, othersBefore: Double?) -> Bool {
    guard let host = look.host, let others = othersCores else { return false }
    if used + others > CapacityConstants.busyServer * host.cores { return true }
    return others - (othersBefore ?? 0) > CapacityConstants.neighbourMove * host.cores
  }

  /// - Parameter suspected: since when the windows before this one have shown less than was shown before.
  private mutating func learn(
    _ used: Double, _ look: Look, from start: CPUSample, to end: CPUSample, suspected: Timestamp?
  ) {
    let limit = cores ?? look.told
    let seen = max(used, CapacityConstants.resolution * look.told)
    let utilisation = seen / limit
    guard
      isTrying || (cores != nil && utilisation > 1)
        || (utilisation < CapacityConstants.busyServer && look.waiting > Self.byChance(utilisation))
    else { return }
    let shown = min(shownCores ?? 0, look.told)
    let hasShownMore = seen < limit && seen < shown * (1 - CapacityConstants.lowerDeadBand)
    if hasShownMore { suspectedSince = suspected ?? start.timestamp }
    guard isTrying || !hasShownMore || suspected != nil else { return }
    patience = nextPatience(
      after: suspected.map { end.timestamp.seconds(since: $0) }, now: look.now)
    isTrying = false
    (cores, since) = (seen, look.now)
  }

  /// Twice as long after each trial that failed, and where a limit that was gone is soon seen again.
  ///
  /// - Parameter suspected: seconds for which it was seen to do less than before.
  private func nextPatience(after suspected: Double?, now: Timestamp) -> Double {
    let usual = CapacityConstants.usualSeconds
    guard let patience, let since, cores != nil || now.seconds(since: since) < usual else {
      return min(max(suspected ?? usual, CapacityConstants.comparedSeconds), usual)
    }
    if isTrying { return min(2 * patience, DoubtConstants.longestTrialSeconds) }
    return cores == nil ? max(patience, min(2 * patience, usual)) : patience
  }

  /// Requests that wait by chance at the most, before one server at this utilisation: a multiple of the
  /// mean for requests that differ widely in cost.
  private static func byChance(_ utilisation: Double) -> Double {
    ChanceQueue.services(
      utilisation: utilisation, squared: DoubtConstants.chanceNoise,
      times: DoubtConstants.chanceFactor)
  }

  /// After a while it is tried whether there is more, a little in each interval.
  private mutating func goOn(now: Timestamp, interval: Double) {
    guard let limit = cores, let last = since, let patience else { return }
    let elapsed = now.seconds(since: last)
    if isTrying ? elapsed >= interval : elapsed >= patience {
      isTrying = true
      (cores, since) = (limit * DoubtConstants.trialStep, now)
    }
  }
}
