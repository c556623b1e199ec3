import Balancing
import Testing

@testable import Control

@Suite struct ServerRatesTests {
  private static func counters(_ arrived: Double, failed: Double) -> RequestCounters {
    RequestCounters(arrived: arrived, done: arrived, failed: failed, inFlight: 0)
  }

  @Test func `a rate is what was counted since the last tick that had counters`() {
    var rates = ServerRates()
    #expect(rates.rates(of: ["a": Self.counters(10, failed: 1)], at: at(0)) == .init())
    #expect(rates.rates(of: nil, at: at(5)) == .init())
    #expect(
      rates.rates(of: ["a": Self.counters(30, failed: 2)], at: at(10))
        == .init(arrived: ["a": 2], failed: ["a": 0.1]))
  }

  @Test func `what is new, or began anew, has no rate yet`() {
    var rates = ServerRates()
    _ = rates.rates(of: ["a": Self.counters(10, failed: 0)], at: at(0))
    let found = rates.rates(
      of: ["a": Self.counters(5, failed: 0), "b": Self.counters(7, failed: 0)], at: at(10))
    #expect(found == .init(arrived: [:], failed: ["a": 0]))
  }

  @Test(arguments: [0.0, -5]) func `in no time there is no rate`(seconds: Double) {
    var rates = ServerRates()
    _ = rates.rates(of: ["a": Self.counters(10, failed: 0)], at: at(0))
    #expect(rates.rates(of: ["a": Self.counters(20, failed: 0)], at: at(seconds)) == .init())
  }
}
