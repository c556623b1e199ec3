import Balancing
import Control
import Testing

private func counters(
  _ count: Double, perSecond: Double? = nil
) -> [ServerName: RequestLedger.Reading] {
  [
    "s1": RequestLedger.Reading(
      RequestCounters(arrived: count, done: count, inFlight: 0), perSecond: perSecond)
  ]
}

/// What a peer counted goes on while it says nothing.
@Suite struct SilentPeersTests {
  /// Our own balancer and a peer's, each with so many requests a second, told of every ten seconds.
  private struct Pair {
    var ledger = RequestLedger()
    var seconds = 0.0
    var own = 0.0
    var peer = 0.0

    mutating func look(own ownRate: Double, peer peerRate: Double, isSilent: Bool = false)
      -> RequestCounters?
    {
      seconds += 10
      own += 10 * ownRate
      peer += 10 * peerRate
      return ledger.add(
        ["lb1": counters(own), "lb2:9797": isSilent ? nil : counters(peer)], replaced: [],
        at: at(seconds), peers: ["lb2:9797"])?["s1"]
    }
  }

  @Test func `a peer that looks seldomer than we do is counted evenly, and wholly`() {
    var ledger = RequestLedger()
    var told = 0.0
    var counts: [Double] = []
    var last: Double?
    for second in 0..<60 {
      if second.isMultiple(of: 10) { told = Double(second) * 70 }
      let look = at(Double(second / 10 * 10) + 0.1)
      let totals = ledger.add(
        ["lb1": counters(Double(second) * 30), "lb2:9797": counters(told)], replaced: [],
        at: at(Double(second)), peers: ["lb2:9797"],
        looks: ["lb2:9797": look])
      let now = totals?["s1"]?.arrived ?? 0
      // From the second look on its rate is known.
      if let last, second > 20 { counts.append(now - last) }
      last = now
    }
    #expect(counts.allSatisfy { abs($0 - 100) < 1e-6 }, "\(counts)")
  }

  private static func pair() -> (Pair, RequestCounters?) {
    var pair = Pair()
    var totals: RequestCounters?
    for _ in 0..<4 { totals = pair.look(own: 30, peer: 70) }
    return (pair, totals)
  }

  @Test func `a silent peer's last demand stands, so that no cost jumps by its part`() {
    var (pair, totals) = Self.pair()
    for _ in 0..<20 {
      let next = pair.look(own: 30, peer: 70, isSilent: true)
      #expect(next.flatMap { next in totals.map { next.arrived - $0.arrived } } == 1000)
      #expect(next.flatMap { next in totals.map { next.done - $0.done } } == 1000)
      totals = next
    }
    #expect(pair.ledger.recentArrivals == ["lb1": 300, "lb2:9797": 700])
  }

  @Test func `what a peer counted while it was silent is not counted twice when it is back`() {
    var (pair, totals) = Self.pair()
    for _ in 0..<5 { totals = pair.look(own: 30, peer: 70, isSilent: true) }
    let back = pair.look(own: 30, peer: 70)
    // What comes now has come since it was counted last.
    #expect(back.flatMap { back in totals.map { back.arrived - $0.arrived } } == 1000)
    let after = pair.look(own: 30, peer: 70)
    #expect(after.flatMap { after in back.map { after.arrived - $0.arrived } } == 1000)
  }

  @Test func `a peer whose traffic has come over counts no longer`() {
    var (pair, _) = Self.pair()
    var totals = pair.look(own: 100, peer: 0, isSilent: true)
    for tick in 0..<6 {
      let next = pair.look(own: 100, peer: 0, isSilent: true)
      if tick >= 4, let next, let totals { #expect(next.arrived - totals.arrived == 1000) }
      totals = next
    }
    #expect(pair.ledger.recentArrivals == ["lb1": 1000])
  }

  @Test func `after five minutes its demand stands no longer`() {
    var (pair, _) = Self.pair()
    for _ in 0..<40 { _ = pair.look(own: 30, peer: 70, isSilent: true) }
    #expect(pair.ledger.recentArrivals == ["lb1": 300])
  }
}

/// How a peer comes, and how its balancer begins anew.
@Suite struct PeersComingTests {
  @Test func `a peer that is heard for the first time counts evenly from then on`() {
    var ledger = RequestLedger()
    var last: Double?
    var counts: [Double] = []
    for second in 0..<40 {
      // It looks every ten seconds, last three seconds before we begin.
      let look = Double((second + 3) / 10 * 10 - 3)
      let totals = ledger.add(
        [
          "lb1": counters(Double(second) * 30),
          "lb2": counters(100_000 + look * 70, perSecond: 70),
        ], replaced: [], at: at(Double(second)), peers: ["lb2"],
        looks: ["lb2": at(look)])
      let now = totals?["s1"]?.arrived ?? 0
      if let last { counts.append(now - last) }
      last = now
    }
    #expect(counts.allSatisfy { abs($0 - 100) < 1e-6 }, "\(counts)")
  }

  @Test func `however old a peer's look is when it comes, its requests come evenly`() {
    var ledger = RequestLedger()
    var last: Double?
    var counts: [Double] = []
    for second in 0..<60 {
      // It looks each second at first, and each ten seconds later; we see it after up to nine.
      let look = Double(second < 12 ? second : max(11, (second - 11) / 10 * 10 + 2))
      let totals = ledger.add(
        [
          "lb1": counters(Double(second) * 30),
          "lb2": counters(look * 70, perSecond: look > 0 ? 70 : nil),
        ], replaced: [], at: at(Double(second)), peers: ["lb2"],
        looks: ["lb2": at(look)])
      let now = totals?["s1"]?.arrived ?? 0
      if second > 2, let last { counts.append(now - last) }
      last = now
    }
    #expect(counts.allSatisfy { abs($0 - 100) < 1e-6 }, "\(counts)")
  }

  @Test func `a peer's balancer that begins anew takes nothing from the sums`() {
    var ledger = RequestLedger()
    var last: Double?
    var counts: [Double] = []
    for second in stride(from: 0.0, to: 200, by: 10) {
      // Every fifty seconds another process, which has counted since five seconds ago.
      let isNew = second > 0 && Int(second).isMultiple(of: 50)
      let since = (Double(Int(second) / 50) * 50) - (second < 50 ? 0 : 5)
      let totals = ledger.add(
        [
          "lb1": counters(second * 30),
          "lb2": counters((second - since) * 70, perSecond: 70),
        ], replaced: isNew ? ["lb2"] : [], at: at(second), peers: ["lb2"],
        looks: ["lb2": at(second)])
      let now = totals?["s1"]?.arrived ?? -1
      if let last { counts.append(now - last) }
      last = now
    }
    #expect(counts.allSatisfy { abs($0 - 1000) < 1e-6 }, "\(counts)")
  }
}
