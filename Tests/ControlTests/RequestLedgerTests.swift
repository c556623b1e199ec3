import Balancing
import Control
import Testing

@Suite struct RequestLedgerTests {
  private typealias Reading = RequestLedger.Reading
  private static let now = Timestamp(nanoseconds: 0)

  private static func counters(_ arrived: Double, done: Double? = nil, inFlight: Double = 0)
    -> [ServerName: RequestLedger.Reading]
  {
    ["s1": reading(arrived, done: done, inFlight: inFlight)]
  }

  private static func reading(_ arrived: Double, done: Double? = nil, inFlight: Double = 0)
    -> RequestLedger.Reading
  {
    Reading(RequestCounters(arrived: arrived, done: done ?? arrived, inFlight: inFlight))
  }

  @Test func `the first reading is only where counting begins`() {
    var ledger = RequestLedger()
    let totals = ledger.add(["lb1": Self.counters(1_000_000)], replaced: [], at: Self.now)
    #expect(totals?["s1"]?.arrived == 0)
  }

  @Test func `several balancers are summed, and what is in flight with them`() {
    var ledger = RequestLedger()
    _ = ledger.add(
      ["lb1": Self.counters(10), "lb2": Self.counters(100)], replaced: [], at: Self.now)
    let totals = ledger.add(
      [
        "lb1": Self.counters(15, done: 13, inFlight: 2),
        "lb2": Self.counters(130, done: 127, inFlight: 3),
      ],
      replaced: [], at: Self.now)
    #expect(totals?["s1"] == RequestCounters(arrived: 35, done: 30, inFlight: 5))
    #expect(ledger.recentArrivals == ["lb1": 5, "lb2": 30])
  }

  @Test func `after a reload counting begins anew, since what was counted in between is lost`() {
    var ledger = RequestLedger()
    _ = ledger.add(["lb1": Self.counters(1000)], replaced: [], at: Self.now)
    #expect(
      ledger.add(["lb1": Self.counters(1100)], replaced: [], at: Self.now)?["s1"]?.done == 100)
    #expect(
      ledger.add(["lb1": Self.counters(2000)], replaced: ["lb1"], at: Self.now)?["s1"]?.done == 0)
    #expect(ledger.add(["lb1": Self.counters(2030)], replaced: [], at: Self.now)?["s1"]?.done == 30)
  }

  @Test func `counters that a new process restored are no demand`() {
    var ledger = RequestLedger()
    _ = ledger.add(["lb1": Self.counters(0)], replaced: [], at: Self.now)
    _ = ledger.add(["lb1": Self.counters(100)], replaced: [], at: Self.now)
    let restored = ledger.add(["lb1": Self.counters(9_000_000)], replaced: ["lb1"], at: Self.now)
    #expect(restored?["s1"]?.arrived == 0)
    #expect(ledger.recentArrivals == ["lb1": 100])
    #expect(
      ledger.add(["lb1": Self.counters(9_000_090)], replaced: [], at: Self.now)?["s1"]?.arrived
        == 90)
    #expect(ledger.recentArrivals == ["lb1": 90])
  }

  @Test func `cleared counters never make a negative rate`() {
    var ledger = RequestLedger()
    _ = ledger.add(["lb1": Self.counters(1000)], replaced: [], at: Self.now)
    #expect(
      ledger.add(["lb1": Self.counters(1100)], replaced: [], at: Self.now)?["s1"]?.done == 100)
    let cleared = ledger.add(["lb1": Self.counters(700)], replaced: [], at: Self.now)
    #expect(cleared?["s1"]?.done == 0)
    let after = ledger.add(["lb1": Self.counters(705)], replaced: [], at: Self.now)
    #expect(after?["s1"]?.done == 5)
  }

  @Test func `one server's counters that fall begin anew alone`() {
    var ledger = RequestLedger()
    _ = ledger.add(
      ["lb1": ["s1": Self.reading(0), "s2": Self.reading(0)]], replaced: [], at: Self.now)
    _ = ledger.add(
      ["lb1": ["s1": Self.reading(50), "s2": Self.reading(60)]], replaced: [], at: Self.now)
    let deleted = ledger.add(
      ["lb1": ["s1": Self.reading(3), "s2": Self.reading(70)]], replaced: [], at: Self.now)
    #expect(deleted?["s1"]?.arrived == 0)
    #expect(deleted?["s2"]?.arrived == 70)
    let later = ledger.add(
      ["lb1": ["s1": Self.reading(13), "s2": Self.reading(80)]], replaced: [], at: Self.now)
    #expect(later?["s1"]?.arrived == 10)
    #expect(later?["s2"]?.arrived == 80)
  }

  @Test func `a server that was away under its name begins anew`() {
    var ledger = RequestLedger()
    _ = ledger.add(
      ["lb1": ["s1": Self.reading(0), "s2": Self.reading(0)]], replaced: [], at: Self.now)
    _ = ledger.add(
      ["lb1": ["s1": Self.reading(50), "s2": Self.reading(50)]], replaced: [], at: Self.now)
    _ = ledger.add(["lb1": ["s2": Self.reading(60)]], replaced: [], at: Self.now)
    let added = ledger.add(
      ["lb1": ["s1": Self.reading(500), "s2": Self.reading(70)]], replaced: [], at: Self.now)
    #expect(added?["s1"]?.arrived == 0)
    #expect(added?["s2"]?.arrived == 70)
  }

  @Test func `attempts that are made elsewhere take nothing back`() {
    var ledger = RequestLedger()
    func failing(_ redispatched: Double) -> [ServerName: RequestLedger.Reading] {
      [
        "s1": Self.reading(1000 + redispatched),
        "s2": Reading(
          RequestCounters(
            arrived: 1000 - redispatched, done: 1000, failed: redispatched, inFlight: 0,
            tried: 1000 + redispatched)),
      ]
    }
    _ = ledger.add(["lb1": failing(0)], replaced: [], at: Self.now)
    var totals: [ServerName: RequestCounters]?
    for tick in 1...100 {
      totals = ledger.add(["lb1": failing(Double(tick * 500))], replaced: [], at: Self.now)
    }
    #expect(totals?["s1"]?.arrived == 50_000)
    #expect(totals?["s2"]?.arrived == 0)
    #expect(totals?["s2"]?.failed == 50_000)
  }

  @Test func `a small step back of a difference of counters is nothing`() {
    var ledger = RequestLedger()
    _ = ledger.add(["lb1": Self.counters(1000, done: 990)], replaced: [], at: Self.now)
    let totals = ledger.add(["lb1": Self.counters(1000, done: 989)], replaced: [], at: Self.now)
    #expect(totals?["s1"]?.done == 0)
  }

  @Test func `while a balancer that served is silent, totals are unknown, and complete later`() {
    var ledger = RequestLedger()
    _ = ledger.add(
      ["lb1": Self.counters(10), "lb2": Self.counters(10)], replaced: [], at: Self.now)
    let gap = ledger.add(["lb1": Self.counters(20), "lb2": nil], replaced: [], at: Self.now)
    #expect(gap == nil)
    let after = ledger.add(
      ["lb1": Self.counters(30), "lb2": Self.counters(50)], replaced: [], at: Self.now)
    #expect(after?["s1"]?.arrived == 60)
  }

  @Test func `what began anew while totals were unknown is seen to fall when they are told again`()
  {
    var ledger = RequestLedger()
    func tick(_ first: Double, _ second: Double?) -> RequestCounters? {
      ledger.add(
        ["lb1": Self.counters(first), "lb2": second.map { Self.counters($0) }], replaced: [],
        at: Self.now)?["s1"]
    }
    _ = tick(0, 0)
    #expect(tick(10, 10)?.arrived == 20)
    #expect(tick(2, nil) == nil)
    #expect(tick(90, 90)?.arrived == 0)
    #expect(tick(95, 95)?.arrived == 10)
  }

  @Test func `a balancer silent for long is taken to serve nothing, and begins anew`() {
    var ledger = RequestLedger()
    _ = ledger.add(["lb1": Self.counters(0), "lb2": Self.counters(0)], replaced: [], at: Self.now)
    func silent(_ seconds: Double, _ count: Double) -> RequestCounters? {
      ledger.add(
        ["lb1": Self.counters(count), "lb2": nil], replaced: [],
        at: Self.now.advanced(bySeconds: seconds))?["s1"]
    }
    // However often it was asked meanwhile.
    for second in 1...30 { #expect(silent(Double(second), Double(second)) == nil) }
    #expect(silent(40, 40)?.arrived == 40)
    let back = ledger.add(
      ["lb1": Self.counters(50), "lb2": Self.counters(900)], replaced: [],
      at: Self.now.advanced(bySeconds: 50))
    #expect(back?["s1"]?.arrived == 50)
  }

  @Test func `totals that cannot be are a gap, over which nothing is counted`() {
    var ledger = RequestLedger()
    func pair(_ first: RequestLedger.Reading, _ second: Double)
      -> [BalancerName: [ServerName: RequestLedger.Reading]?]
    { ["lb1": ["s1": first, "s2": Self.reading(second)]] }
    _ = ledger.add(pair(Self.reading(100), 100), replaced: [], at: Self.now)
    _ = ledger.add(pair(Self.reading(150), 150), replaced: [], at: Self.now)
    var wrong = Self.reading(-4)
    wrong.areTotalsBelieved = false
    for tick in 1...3 {
      let during = ledger.add(pair(wrong, 150 + 10 * Double(tick)), replaced: [], at: Self.now)
      #expect(during?["s1"]?.arrived == 0)
      #expect(during?["s2"]?.arrived == 50 + 10 * Double(tick))
    }
    #expect(
      ledger.add(pair(Self.reading(400), 190), replaced: [], at: Self.now)?["s1"]?.arrived == 0)
    #expect(
      ledger.add(pair(Self.reading(410), 200), replaced: [], at: Self.now)?["s1"]?.arrived == 10)
  }

  @Test func `sessions that cannot be are taken to be as many as the peers' would be`() {
    var ledger = RequestLedger()
    func readings(_ requests: Double) -> [ServerName: RequestLedger.Reading] {
      var odd = Self.reading(requests)
      odd.isInFlightBelieved = false
      return [
        "s1": odd,
        "s2": Self.reading(
          2 * requests, done: max(0, 2 * requests - 6), inFlight: min(6, 2 * requests)),
      ]
    }
    #expect(ledger.add(["lb1": readings(0)], replaced: [], at: Self.now)?["s1"]?.inFlight == 0)
    #expect(ledger.add(["lb1": readings(10)], replaced: [], at: Self.now)?["s1"]?.inFlight == 3)
  }
}
