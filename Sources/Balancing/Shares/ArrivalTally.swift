/// What came to each server between two looks, where it can be held against the weights.
///
/// Weights may change meanwhile: what should have come is counted look by look, by those that stand
/// now, which were written right after the look before.
struct ArrivalTally: Hashable, Codable, Sendable {
  struct Look: Sendable {
    /// Those that take traffic by their weight, all of them.
    var up: [ServerObservation]
    /// Requests that came to each.
    let came: [ServerName: Double]
    /// Requests that came to all of them.
    let total: Double
    /// Seconds in which they came.
    var seconds: Double

    init(up: [ServerObservation], came: [ServerName: Double], seconds: Double) {
      self.up = up
      self.came = came
      self.seconds = seconds
      total = came.values.reduce(0, +)
    }
  }

  /// Requests that had come to each at the last look, and when that was.
  private var last: [ServerName: Double] = [:]
  private var lastAt: Timestamp?

  /// - Returns: `nil` where what came is not what the weights sent: some of them were others', a server
  ///   is new or goes by more than its weight, or a counter began anew.
  mutating func observe(_ tick: Tick) -> Look? {
    let up = tick.servers.filter { $0.state.takesTraffic }
    var now: [ServerName: Double] = [:]
    for server in up { now[server.name] = server.requests?.arrived }
    defer { (last, lastAt) = (now, tick.now) }
    guard !tick.mixesWeights, up.count >= 2, now.count == up.count,
      up.allSatisfy({ $0.state == .up && $0.share > 0 }), now.keys == last.keys,
      now.allSatisfy({ $0.value >= last[$0.key] ?? .infinity }),
      let lastAt, tick.now > lastAt
    else { return nil }
    return Look(
      up: up, came: now.merging(last) { $0 - $1 }, seconds: tick.now.seconds(since: lastAt))
  }

  /// Forgets a server whose name has become another's.
  mutating func forget(_ server: ServerName) { last[server] = nil }
}
