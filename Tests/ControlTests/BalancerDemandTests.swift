import Balancing
import Testing

@testable import Control

/// Which balancers traffic comes through.
@Suite struct BalancerDemandTests {
  /// After looks that are so many seconds apart, for ten minutes; rates are requests a second.
  private func demand(_ rates: [BalancerName: Double], every seconds: Double) -> BalancerDemand {
    var demand = BalancerDemand()
    let start = Timestamp(nanoseconds: 1_600_000_000_000_000_000)
    for look in 0...Int(600 / seconds) {
      demand.observe(rates, at: start.advanced(bySeconds: Double(look) * seconds))
    }
    return demand
  }

  @Test(arguments: [1.0, 3, 10])
  func `rates are the same however far looks are apart`(seconds: Double) {
    let demand = demand(["lb1": 40, "lb2": 3], every: seconds)
    #expect(abs(demand.perSecond(of: "lb1") - 40) < 1e-6)
    #expect(abs(demand.perSecond(of: "lb2") - 3) < 1e-6)
    #expect(demand.perSecond(of: "lb3") == 0)
  }

  @Test func `a standby carries nothing, though its checks are requests`() {
    #expect(demand(["lb1": 40, "lb2": 3], every: 10).carriers == ["lb1"])
    #expect(demand(["lb1": 40, "lb2": 30], every: 10).carriers == ["lb1", "lb2"])
    #expect(demand(["lb1": 0, "lb2": 0], every: 10).carriers.isEmpty)
    #expect(BalancerDemand().carriers.isEmpty)
  }

  @Test(arguments: [1.0, 10])
  func `who takes over carries within a minute, whatever the looks`(seconds: Double) {
    var demand = demand(["lb1": 40, "lb2": 0], every: seconds)
    let start = Timestamp(nanoseconds: 1_600_000_600_000_000_000)
    for look in 1...Int(60 / seconds) {
      demand.observe(
        ["lb1": 0, "lb2": 40], at: start.advanced(bySeconds: Double(look) * seconds))
    }
    #expect(demand.carriers == ["lb1", "lb2"])
  }

  @Test func `one that is not heard of in a look still carries, and is forgotten in the end`() {
    var demand = demand(["lb1": 40, "lb2": 40], every: 10)
    let start = Timestamp(nanoseconds: 1_600_000_600_000_000_000)
    demand.observe(["lb1": 40], at: start.advanced(bySeconds: 10))
    #expect(demand.carriers == ["lb1", "lb2"])
    for look in 2...100 {
      demand.observe(["lb1": 40], at: start.advanced(bySeconds: 10 * Double(look)))
    }
    #expect(demand.carriers == ["lb1"])
    #expect(demand.perSecond(of: "lb2") == 0)
  }

  @Test func `looks at one time, or back in time, change nothing`() {
    var demand = demand(["lb1": 40], every: 10)
    let before = demand.perSecond(of: "lb1")
    let end = Timestamp(nanoseconds: 1_600_000_600_000_000_000)
    demand.observe(["lb1": 4000], at: end)
    demand.observe(["lb1": 4000], at: end.advanced(bySeconds: -5))
    #expect(demand.perSecond(of: "lb1") == before)
  }
}
