/// Whether the requests follow the weights.
///
/// Cookies, stick tables, long tunnels and an old process that still serves send requests where no
/// weight does. Then a share that is off is no reason to write again.
struct Following: Hashable, Codable, Sendable {
  private var last: [ServerName: Double] = [:]
  private var counted: [ServerName: Double] = [:]
  private var expected: [ServerName: Double] = [:]
  private var since: Timestamp?
  private var timesOff = 0
  private var offSince: Timestamp?
  /// The server whose share is off the most, while shares do not follow weights.
  private(set) var astray: Astray?

  mutating func observe(_ tick: Tick) {
    let up = tick.servers.filter { $0.state.takesTraffic }
    guard tick.discipline == .rate, up.count >= 2,
      up.allSatisfy({ $0.state == .up && $0.requests != nil })
    else { return begin(tick) }
    let shares = Dictionary(uniqueKeysWithValues: up.map { ($0.name, $0.share) })
    guard shares.keys == expected.keys,
      shares.allSatisfy({ abs($0.value - (expected[$0.key] ?? 0)) <= 0.02 * $0.value })
    else {
      begin(tick)
      expected = shares
      return
    }
    count(up)
    let total = counted.values.reduce(0, +)
    guard total >= DoubtConstants.followingRequests else { return }
    compare(total: total, at: tick.now)
    counted = [:]
  }

  private mutating func begin(_ tick: Tick) {
    (counted, expected) = ([:], [:])
    last = [:]
    for server in tick.servers { last[server.name] = server.requests?.arrived }
  }

  private mutating func count(_ up: [ServerObservation]) {
    for server in up {
      guard let arrived = server.requests?.arrived else { continue }
      if let before = last[server.name], arrived >= before {
        counted[server.name, default: 0] += arrived - before
      }
      last[server.name] = arrived
    }
  }

  private mutating func compare(total: Double, at now: Timestamp) {
    var worst: Astray?
    for (name, share) in expected.sorted(by: { $0.key < $1.key }) where share > 0 {
      let seen = (counted[name] ?? 0) / total
      let chance = (share * (1 - share) / total).squareRoot()
      let off = abs(seen - share)
      guard off > DoubtConstants.followingBand * share,
        off > DoubtConstants.followingDeviations * chance
      else { continue }
      if off > worst.map({ abs($0.seen - $0.wanted) }) ?? 0 {
        worst = Astray(server: name, seen: seen, wanted: share)
      }
    }
    guard let worst else {
      (timesOff, offSince, astray) = (0, nil, nil)
      return
    }
    timesOff += 1
    let began = offSince ?? now
    offSince = began
    if astray != nil
      || timesOff >= DoubtConstants.followingTimes
        && now.seconds(since: began) >= DoubtConstants.followingSeconds
    {
      astray = worst
    }
  }
}

/// A server whose share of the requests is not what its weight says.
package struct Astray: Hashable, Codable, Sendable {
  package var server: ServerName
  /// Parts of the requests, 0…1.
  package var seen: Double
  package var wanted: Double
}
