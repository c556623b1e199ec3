/// How long nothing has changed that a queue could come from, but chance.
///
/// A queue tells of trouble sooner than late samples do, so right after a change every queue counts.
struct Steadiness: Hashable, Codable, Sendable {
  private var since: Timestamp?
  /// In order, so that two states that are the same are written the same.
  private var servers: [ServerName] = []
  private var demand = 0.0
  /// Requests a second over the last minute or so, and when that was last known.
  private var usual = 0.0
  private var last: Timestamp?

  /// Takes note of what is levelled, and for how many requests a second.
  ///
  /// - Parameter isSettling: whether a server has begun anew of late, or a neighbour.
  mutating func observe(
    _ servers: [ServerName], demand: Double, isSettling: Bool, at now: Timestamp
  ) {
    let servers = servers.sorted()
    let jump = CapacityConstants.rateJump
    let seconds = last.map { max(0, now.seconds(since: $0)) } ?? .infinity
    last = now
    usual +=
      Fading.gain(after: seconds, memory: CapacityConstants.rateSeconds) * (demand - usual)
    let isSteady = usual <= self.demand * jump && usual >= self.demand / jump
    guard since == nil || isSettling || !isSteady || servers != self.servers else { return }
    since = now
    self.servers = servers
    self.demand = usual
  }

  /// Whether there was time to learn what the last change has cost.
  func lasts(at now: Timestamp) -> Bool {
    since.map { now.seconds(since: $0) > CapacityConstants.calmSeconds } ?? false
  }
}
