/// What part of a server's requests goes wrong lately, and how many tell so.
struct ErrorMeter: Hashable, Codable, Sendable {
  private var last: RequestCounters?
  private var lastSeen: Timestamp?
  /// Requests tried, and those of them that failed; old ones fade.
  private(set) var tried = 0.0
  private(set) var failed = 0.0
  /// Requests answered well since the first look, or since the counters began anew.
  private(set) var succeeded = 0.0

  /// 0…1; 0 before anything was tried.
  var fraction: Double { tried > 0 ? min(1, failed / tried) : 0 }

  /// Takes in a tick's counters, which never go back but at a reset.
  mutating func add(_ counters: RequestCounters, in tick: Tick) {
    defer { (last, lastSeen) = (counters, tick.now) }
    guard let last, let lastSeen, counters.arrived >= last.arrived,
      counters.done >= last.done, counters.failed >= last.failed, counters.tried >= last.tried
    else {
      // What was counted across the gap is not known: nobody may take a difference over it.
      succeeded = 0
      return
    }
    let kept = Fading.kept(
      after: tick.now.seconds(since: lastSeen), memory: CapacityConstants.recentSeconds)
    let newlyFailed = counters.failed - last.failed
    let ended = max(counters.tried - last.tried, newlyFailed)
    tried = tried * kept + ended
    failed = failed * kept + newlyFailed
    succeeded += max(0, counters.done - last.done - newlyFailed)
  }
}
