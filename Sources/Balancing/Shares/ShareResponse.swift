/// What share of the requests a share of the weights turns out to be.
///
/// What a plan wants is a share of the requests; a weight is only the means. Under round robin the
/// two are the same. Under `random(n)` the less loaded of some that are drawn takes the request, so
/// that big servers get more than their weights say, by an amount that depends on load, on `n` and on
/// the version. So it is observed, whatever the algorithm: what came to each server over what should
/// have by its weight. A deviation is believed as far as it is beyond what chance makes of as many
/// draws, as costs are (DerSimonian and Laird 1986): under round robin none is.
struct ShareResponse: Hashable, Codable, Sendable {
  /// Requests that came to a server, and that should have by its weight.
  private struct Count: Hashable, Codable, Sendable {
    var arrived = 0.0
    var wanted = 0.0
    /// The share of the weights that it was counted under.
    var share: Double
  }

  private var counts: [ServerName: Count] = [:]
  /// Requests a second that the counts stand for.
  private var load = UsualRate()
  private var elasticity = ShareElasticity()
  /// Its share of the requests over its share of the weights.
  private var factors: [ServerName: Double] = [:]

  /// Whether a share can be corrected by its weight.
  private(set) var answers = true

  /// - Parameter isAstray: whether requests go where no weight sends them.
  mutating func observe(_ tick: Tick, isAstray: Bool) {
    guard !isAstray else {
      (counts, factors) = ([:], [:])
      return
    }
    guard let look = tick.arrivals else { return }
    count(look)
    elasticity.observe(look.up, look.came, over: look.seconds)
    // Where a weight is a share of what is in flight, that is to be seen first.
    answers =
      elasticity.verdict == .answers || elasticity.verdict == .unknown && tick.discipline.isByRate
    factors = answers ? believed(look.up.map(\.name)) : [:]
  }

  func factor(of server: ServerName) -> Double { factors[server] ?? 1 }

  /// Forgets a server whose name has become another's.
  mutating func forget(_ server: ServerName) {
    (counts[server], factors[server]) = (nil, nil)
  }

  private mutating func count(_ look: Arrivals) {
    // What was seen at another load is only like what it is, too.
    let kept =
      Fading.kept(after: look.seconds, memory: CapacityConstants.usualSeconds)
      * load.observe(
        look.total, over: look.seconds, elapsed: look.seconds,
        memory: CapacityConstants.rateSeconds)
    counts = counts.filter { look.came[$0.key] != nil }
    for server in look.up {
      var count = counts[server.name] ?? Count(share: server.share)
      // What it was under other weights is only like what it is.
      let change = min(server.share / count.share, count.share / server.share)
      let kept = change < ShareConstants.sameShare ? kept * change * change : kept
      count.arrived = kept * count.arrived + (look.came[server.name] ?? 0)
      count.wanted = kept * count.wanted + look.total * server.share
      count.share = server.share
      counts[server.name] = count
    }
  }

  private func believed(_ names: [ServerName]) -> [ServerName: Double] {
    let known = names.compactMap { counts[$0] }.filter {
      $0.wanted >= CapacityConstants.manyRequests
    }
    guard known.count >= 2, known.count == names.count else { return factors }
    let excess = known.reduce(0) { sum, count in
      let deviation = count.arrived / count.wanted - 1
      return sum + deviation * deviation - 1 / count.wanted
    }
    let variance = excess / Double(known.count)
    guard variance > 0 else { return [:] }
    let belief = 1 / variance
    return Dictionary(
      names.compactMap { name in
        counts[name].map { count in
          let factor = (count.arrived + belief) / (count.wanted + belief)
          // Beyond a step it is not the weight that decides.
          let step = CapacityConstants.step
          return (name, min(max(factor, 1 / step), step))
        }
      }, uniquingKeysWith: { first, _ in first })
  }
}
