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
    let intervals = min(max(tick.now.seconds(since: lastSeen) / tick.interval, 0), 1)
    let kept = 1 - intervals * (1 - CapacityConstants.errorMemory)
    let newlyFailed = counters.failed - last.failed
    let ended = max(counters.tried - last.tried, newlyFailed)
    tried = tried * kept + ended
    failed = failed * kept + newlyFailed
    succeeded += max(0, counters.done - last.done - newlyFailed)
  }
}

/// Finds the servers that fail more of their requests than their peers.
///
/// A server that fails fast burns little CPU and looks idle: weights by load alone would send it all
/// traffic. gRPC's A58 answers with errors as load; here a failing server's requests count as dearer,
/// by what it fails *beyond* its peers: what all fail alike (a bad client, a dead database) is no
/// server's fault, and of two servers none can be told to be the odd one.
enum ErrorPenalty {
  /// For each server the factor on what it should get, 0…1; 1 blames it for nothing.
  static func factors(_ meters: [ErrorMeter]) -> [Double] {
    let judged = meters.indices.filter {
      meters[$0].tried >= CapacityConstants.errorRequests
    }
    var factors = meters.map { _ in 1.0 }
    guard judged.count >= CapacityConstants.errorPeers else { return factors }
    for index in judged {
      let peers = judged.filter { $0 != index }.map { meters[$0].fraction }
      guard let usual = peers.median else { continue }
      let mine = meters[index].fraction
      let chance = (max(usual, 1 / meters[index].tried) / meters[index].tried).squareRoot()
      let margin = max(
        CapacityConstants.errorMargin, CapacityConstants.deviations * chance)
      guard mine - usual > margin, usual < 1 else { continue }
      let wellBeside = (1 - mine) / (1 - usual)
      factors[index] = wellBeside * wellBeside * wellBeside * wellBeside
    }
    return factors
  }
}
