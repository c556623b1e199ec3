/// Whether the requests follow the weights.
///
/// Cookies, stick tables, long tunnels and an old process that still serves send requests where no
/// weight does. Then a share that is off is no reason to write again.
struct Following: Hashable, Codable, Sendable {
  /// Requests that came to a server, and that should have by its weight.
  private struct Count: Hashable, Codable, Sendable {
    var arrived = 0.0
    var wanted = 0.0
  }

  private var tally = ArrivalTally()
  private var counts: [ServerName: Count] = [:]
  private var offSince: Timestamp?
  /// The server whose share is off the most, while shares do not follow weights.
  private(set) var astray: Astray?

  mutating func observe(_ tick: Tick) {
    guard let look = tally.observe(tick), tick.discipline == .rate else {
      counts = [:]
      return
    }
    for server in look.up {
      var count = counts[server.name] ?? Count()
      count.arrived += look.came[server.name] ?? 0
      count.wanted += look.total * server.share
      counts[server.name] = count
    }
    let total = counts.values.reduce(0) { $0 + $1.arrived }
    guard total >= ShareConstants.epochRequests else { return }
    compare(total: total, at: tick.now)
    counts = [:]
  }

  private mutating func compare(total: Double, at now: Timestamp) {
    var worst: Astray?
    for (name, count) in counts.sorted(by: { $0.key < $1.key }) where count.wanted > 0 {
      let (seen, wanted) = (count.arrived / total, min(1, count.wanted / total))
      let chance = (wanted * (1 - wanted) / total).squareRoot()
      let off = abs(seen - wanted)
      guard off > DoubtConstants.followingBand * wanted,
        off > DoubtConstants.followingDeviations * chance
      else { continue }
      if off > worst.map({ abs($0.seen - $0.wanted) }) ?? 0 {
        worst = Astray(server: name, seen: seen, wanted: wanted)
      }
    }
    guard let worst else {
      (offSince, astray) = (nil, nil)
      return
    }
    let began = offSince ?? now
    offSince = began
    let lasts = now.seconds(since: began) >= DoubtConstants.followingSeconds
    if astray != nil || lasts { astray = worst }
  }
}

/// A server whose share of the requests is not what its weight says.
package struct Astray: Hashable, Codable, Sendable {
  package var server: ServerName
  /// Parts of the requests, 0…1.
  package var seen: Double
  package var wanted: Double
}
