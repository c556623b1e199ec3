/// What a server was seen to do while requests waited: the limit that holds, whoever sets it.
///
/// A limit that is told is an upper bound: a quota on a parent cgroup, CPUs shared with others, a pool
/// of threads or a licence are in no container's spec. While requests wait at a server as they do not
/// at its peers, nor usually at itself, it works as fast as it can, whatever the reason: the cores that
/// it uses then are all that it has. That stands until it shows more by itself, or in a trial.
struct SeenLimit: Hashable, Codable, Sendable {
  /// What a server's queue is held against in one tick.
  struct Look: Sendable {
    /// Its own samples.
    var run: SampleRun
    /// Whether requests wait at it as they do not at others.
    var isWaiting: Bool
    /// The cores that it may use, by what is told of it.
    var told: Double
    /// Its host's samples, with the host's cores; `nil` where they are not believed.
    var host: (run: SampleRun, cores: Double)?
    /// Now, on its host's clock.
    var now: Timestamp
  }

  /// Cores; `nil` while the limit that is told has explained all queues.
  private(set) var cores: Double?
  /// When it was seen or tried last.
  private var since: Timestamp?
  /// Seconds until the next trial.
  private var patience = DoubtConstants.trialSeconds
  private var isTrying = false
  /// Since when requests have waited without a pause.
  private var waitingSince: Timestamp?
  /// Where the open window begins while none wait.
  private var base: CPUSample?

  mutating func observe(_ look: Look, interval: Double) {
    if look.isWaiting {
      learn(from: look)
    } else {
      waitingSince = nil
      if let newest = look.run.samples.last { follow(newest) }
      goOn(now: look.now, interval: interval)
    }
    if let seen = cores, seen >= look.told { cores = nil }
  }

  private mutating func learn(from look: Look) {
    base = nil
    let began = waitingSince ?? look.now
    waitingSince = began
    guard let from = look.run.samples.first(where: { $0.timestamp >= began }),
      let to = look.run.samples.last, let used = to.cpuSeconds(since: from)
    else { return }
    let seconds = to.timestamp.seconds(since: from.timestamp)
    guard seconds >= DoubtConstants.windowSeconds else { return }
    if let host = look.host,
      host.run.cpuSeconds(from: from.timestamp, to: to.timestamp, beyond: 0)
        > DoubtConstants.explained * host.cores * seconds
    {
      // A full host is reason enough for a queue.
      return
    }
    let limit = cores ?? look.told
    let seen = max(used / seconds, DoubtConstants.leastLimit * look.told)
    guard isTrying || seen < DoubtConstants.explained * limit || (cores != nil && seen > limit)
    else { return }
    if isTrying {
      patience = min(2 * patience, DoubtConstants.longestTrialSeconds)
      isTrying = false
    }
    (cores, since) = (seen, look.now)
  }

  /// What it uses while nothing waits it can use.
  private mutating func follow(_ newest: CPUSample) {
    guard let from = base, let used = newest.cpuSeconds(since: from),
      newest.timestamp >= from.timestamp
    else {
      base = newest
      return
    }
    let seconds = newest.timestamp.seconds(since: from.timestamp)
    guard seconds >= DoubtConstants.windowSeconds else { return }
    base = newest
    if let limit = cores, used / seconds > limit { cores = used / seconds }
  }

  /// After a while it is tried whether there is more, a little in each interval.
  private mutating func goOn(now: Timestamp, interval: Double) {
    guard let limit = cores, let last = since else { return }
    let elapsed = now.seconds(since: last)
    if isTrying ? elapsed >= interval : elapsed >= patience {
      isTrying = true
      (cores, since) = (limit * DoubtConstants.trialStep, now)
    }
  }
}
