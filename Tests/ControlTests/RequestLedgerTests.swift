import Balancing
import Control
import Testing

@Suite struct RequestLedgerTests {
  private static func counters(_ arrived: Double, done: Double? = nil, inFlight: Double = 0)
    -> [ServerName: RequestCounters]
  {
    ["s1": RequestCounters(arrived: arrived, done: done ?? arrived, inFlight: inFlight)]
  }

  @Test func `the first reading is only where counting begins`() {
    var ledger = RequestLedger()
    let totals = ledger.add(["lb1": Self.counters(1_000_000)], replaced: [])
    #expect(totals?["s1"]?.arrived == 0)
  }

  @Test func `several balancers are summed, and what is in flight with them`() {
    var ledger = RequestLedger()
    _ = ledger.add(["lb1": Self.counters(10), "lb2": Self.counters(100)], replaced: [])
    let totals = ledger.add(
      ["lb1": Self.counters(15, inFlight: 2), "lb2": Self.counters(130, inFlight: 3)],
      replaced: [])
    #expect(totals?["s1"] == RequestCounters(arrived: 35, done: 35, inFlight: 5))
    #expect(ledger.arrivedLastTick == ["lb1": 5, "lb2": 30])
  }

  @Test func `after a reload counting begins anew, since what was counted in between is lost`() {
    var ledger = RequestLedger()
    _ = ledger.add(["lb1": Self.counters(1000)], replaced: [])
    #expect(ledger.add(["lb1": Self.counters(1100)], replaced: [])?["s1"]?.done == 100)
    #expect(ledger.add(["lb1": Self.counters(2000)], replaced: ["lb1"])?["s1"]?.done == 0)
    #expect(ledger.add(["lb1": Self.counters(2030)], replaced: [])?["s1"]?.done == 30)
  }

  @Test func `cleared counters never make a negative rate`() {
    var ledger = RequestLedger()
    _ = ledger.add(["lb1": Self.counters(1000)], replaced: [])
    #expect(ledger.add(["lb1": Self.counters(1100)], replaced: [])?["s1"]?.done == 100)
    let cleared = ledger.add(["lb1": Self.counters(700)], replaced: [])
    #expect(cleared?["s1"]?.done == 0)
    let after = ledger.add(["lb1": Self.counters(705)], replaced: [])
    #expect(after?["s1"]?.done == 5)
  }

  @Test func `a small step back of a difference of counters is nothing`() {
    var ledger = RequestLedger()
    _ = ledger.add(["lb1": Self.counters(1000, done: 990)], replaced: [])
    let totals = ledger.add(["lb1": Self.counters(1000, done: 989)], replaced: [])
    #expect(totals?["s1"]?.done == 0)
  }

  @Test func `while a balancer that served is silent, totals are unknown, and complete later`() {
    var ledger = RequestLedger()
    _ = ledger.add(["lb1": Self.counters(10), "lb2": Self.counters(10)], replaced: [])
    let gap = ledger.add(["lb1": Self.counters(20), "lb2": nil], replaced: [])
    #expect(gap == nil)
    let after = ledger.add(["lb1": Self.counters(30), "lb2": Self.counters(50)], replaced: [])
    #expect(after?["s1"]?.arrived == 60)
  }

  @Test func `a balancer silent for long is taken to serve nothing, and begins anew`() {
    var ledger = RequestLedger()
    _ = ledger.add(["lb1": Self.counters(0), "lb2": Self.counters(0)], replaced: [])
    for tick in 1...3 {
      #expect(ledger.add(["lb1": Self.counters(Double(tick)), "lb2": nil], replaced: []) == nil)
    }
    #expect(ledger.add(["lb1": Self.counters(4), "lb2": nil], replaced: [])?["s1"]?.arrived == 4)
    let back = ledger.add(["lb1": Self.counters(5), "lb2": Self.counters(900)], replaced: [])
    #expect(back?["s1"]?.arrived == 5)
  }
}
