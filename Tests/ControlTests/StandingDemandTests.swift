import Balancing
import Testing

@testable import Control

/// What is taken to come to a balancer of which nothing new is told.
@Suite struct StandingDemandTests {
  /// A hundred requests a second, seen at 100 s.
  private static let demand = StandingDemand(
    seenAt: at(100), perSecond: ["s1": 30, "s2": 70], open: ["s1": 4], inFlight: ["s1": 2])

  private func stands(
    _ demand: StandingDemand = demand, until seconds: Double, others: Double? = nil,
    patienceSeconds: Double = 35
  ) -> Bool {
    demand.counts(
      until: at(seconds), others: others, patienceSeconds: patienceSeconds) != nil
  }

  @Test func `each server goes on at its rate, with what was at it`() throws {
    let counts = try #require(
      Self.demand.counts(until: at(110), others: nil, patienceSeconds: 35))
    #expect(counts.requests.mapValues(\.arrived) == ["s1": 300, "s2": 700])
    #expect(counts.requests.mapValues(\.open) == ["s1": 4, "s2": 0])
    #expect(counts.requests.mapValues(\.inFlight) == ["s1": 2, "s2": 0])
    #expect(counts.arrivedInATick == 1000)
  }

  @Test func `what was counted is not counted again`() throws {
    var demand = Self.demand
    demand.countedUntil = at(110)
    let counts = try #require(
      demand.counts(until: at(112), others: nil, patienceSeconds: 35))
    #expect(counts.requests.mapValues(\.arrived) == ["s1": 60, "s2": 140])
    #expect(counts.arrivedInATick == 200)
  }

  @Test func `it stands for five minutes since it was seen, or as long as a peer may be silent`() {
    var demand = Self.demand
    demand.countedUntil = at(390)
    #expect(stands(demand, until: 400))
    #expect(!stands(demand, until: 401))
    #expect(stands(demand, until: 700, patienceSeconds: 600))
    #expect(!stands(demand, until: 701, patienceSeconds: 600))
  }

  @Test func `a clock that went back ends it`() {
    #expect(!stands(until: 99))
    var demand = Self.demand
    demand.countedUntil = at(110)
    #expect(!stands(demand, until: 105))
  }

  @Test func `a rise of the others' demand by half of it is its traffic, come over`() {
    var demand = Self.demand
    demand.othersPerSecond = 40
    #expect(stands(demand, until: 110, others: 89))
    #expect(!stands(demand, until: 110, others: 90))
    // What serves has not come over.
    #expect(stands(demand, until: 110, others: nil))
  }

  @Test func `where nothing came, nothing can come over`() {
    let idle = StandingDemand(seenAt: at(100), perSecond: ["s1": 0], open: [:], inFlight: [:])
    #expect(stands(idle, until: 110, others: 1e6))
  }
}
