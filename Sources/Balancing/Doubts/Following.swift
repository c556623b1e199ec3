/// Whether the requests follow the weights.
///
/// Cookies, stick tables, long tunnels and an old process that still serves send requests where no
/// weight does. Then a share that is off is no reason to write again.
///
/// `random(n)` sends requests elsewhere by itself: fewer to a server where many wait, more to one that
/// answers at once, as one that fails does. Where it alone can have done it, requests do follow.
struct Following: Hashable, Codable, Sendable {
  /// Requests that came to a server, and that should have by its weight.
  private struct Count: Hashable, Codable, Sendable {
    var arrived = 0.0
    var wanted = 0.0
  }

  private var counts: [ServerName: Count] = [:]
  private var choice = ChoiceByLoad()
  private var offSince: Timestamp?
  /// When a share was off last as no choice explains.
  private var offAt: Timestamp?
  /// The server whose share is off the most, while shares do not follow weights.
  private(set) var astray: Astray?

  mutating func observe(_ tick: Tick) {
    guard let look = tick.arrivals, tick.discipline.isByRate else {
      counts = [:]
      return
    }
    choice.observe(look, interval: tick.interval)
    for server in look.up {
      var count = counts[server.name] ?? Count()
      count.arrived += look.came[server.name] ?? 0
      count.wanted += look.total * server.share
      counts[server.name] = count
    }
    let total = counts.values.reduce(0) { $0 + $1.arrived }
    guard total >= ShareConstants.epochRequests else { return }
    compare(total: total, isDrawn: tick.discipline == .drawn, at: tick.now)
    counts = [:]
  }

  private mutating func compare(total: Double, isDrawn: Bool, at now: Timestamp) {
    var worst: Astray?
    var isUnclear = false
    for (name, count) in counts.sorted(by: { $0.key < $1.key }) where count.wanted > 0 {
      let (seen, wanted) = (count.arrived / total, min(1, count.wanted / total))
      let chance = (wanted * (1 - wanted) / total).squareRoot()
      let off = abs(seen - wanted)
      guard off > DoubtConstants.followingBand * wanted,
        off > DoubtConstants.followingDeviations * chance
      else { continue }
      if isDrawn {
        guard let isExplained = choice.explains(seen - wanted, of: name) else {
          isUnclear = true
          continue
        }
        guard !isExplained else { continue }
      }
      if off > worst.map({ abs($0.seen - $0.wanted) }) ?? 0 {
        worst = Astray(server: name, seen: seen, wanted: wanted)
      }
    }
    // What is clear is not held against what comes next, when it may be the reverse.
    if !isUnclear { choice = ChoiceByLoad() }
    guard let worst else {
      let isOver = offAt.map { now.seconds(since: $0) >= CapacityConstants.usualSeconds } ?? true
      if !isUnclear || isOver { (offSince, astray) = (nil, nil) }
      return
    }
    let began = offSince ?? now
    (offSince, offAt) = (began, now)
    let lasts = now.seconds(since: began) >= CapacityConstants.swingSeconds
    if astray != nil || lasts { astray = worst }
  }
}
