import Balancing
import Testing

@testable import Control

/// What is at the servers of one balancer.
@Suite struct GaugeReaderTests {
  private static func reading(
    _ arrived: Double, done: Double, open: Double, areTotalsBelieved: Bool = true,
    isInFlightBelieved: Bool = true
  ) -> RequestLedger.Reading {
    RequestLedger.Reading(
      RequestCounters(arrived: arrived, done: done, inFlight: open),
      areTotalsBelieved: areTotalsBelieved, isInFlightBelieved: isInFlightBelieved)
  }

  @Test func `where a figure cannot be, as many are there as its part of the requests would be`() {
    var reader = GaugeReader()
    let gauges = reader.read(
      [
        "odd": Self.reading(10, done: 10, open: 999, isInFlightBelieved: false),
        "idle": Self.reading(0, done: 0, open: 999, isInFlightBelieved: false),
        "good": Self.reading(20, done: 14, open: 6),
      ], since: [:], arrived: ["odd": 10, "good": 20], seconds: nil)
    #expect(gauges["good"] == ServerGauges(open: 6, inFlight: 6))
    #expect(gauges["odd"] == ServerGauges(open: 3, inFlight: 3))
    #expect(gauges["idle"] == ServerGauges())
  }

  @Test func `without totals, what is open is taken to wait`() {
    var reader = GaugeReader()
    let gauges = reader.read(
      ["s1": Self.reading(-4, done: 0, open: 5, areTotalsBelieved: false)], since: [:],
      arrived: [:], seconds: nil)
    #expect(gauges["s1"] == ServerGauges(open: 5, inFlight: 5))
  }

  @Test(arguments: [false, true])
  func `what outlasts its answer is no queue, until the server is another one`(isForgotten: Bool) {
    var reader = GaugeReader()
    let looks = [
      Self.reading(0, done: 0, open: 0), Self.reading(10, done: 10, open: 5),
      Self.reading(20, done: 15, open: 5),
    ]
    var before: [ServerName: RequestCounters] = [:]
    var gauges: [ServerName: ServerGauges] = [:]
    for (index, look) in looks.enumerated() {
      if isForgotten, index == 2 { reader.forget("s1") }
      gauges = reader.read(["s1": look], since: before, arrived: ["s1": 10], seconds: 1)
      before = ["s1": look.counters]
      if index == 1 { #expect(gauges["s1"] == ServerGauges(open: 5, inFlight: 0)) }
    }
    // Nothing of it being known, all that it has open may wait: of twenty fifteen were answered.
    #expect(gauges["s1"]?.inFlight == (isForgotten ? 5 : 0))
  }
}
