import Balancing
import Testing

@testable import Control

@Suite struct LevellingTests {
  private func server(
    _ limit: Double, on host: HostName, levelled: Double, unlevelled: Double, cost: Double = 0.01
  ) -> Levelling.Server {
    .init(
      cost: cost, limitCores: limit, host: host, levelled: levelled, unlevelled: unlevelled)
  }

  @Test func `equal weights on unequal quotas leave cores idle when the smallest is full`() throws {
    let levelling = try #require(
      Levelling(
        [
          server(1, on: "web1", levelled: 1, unlevelled: 1),
          server(3, on: "web2", levelled: 3, unlevelled: 1),
        ], hosts: [:], demand: 80))
    // 40 requests/s of 10 ms are 0.4 of one core, and 0.13 of three.
    #expect(levelling.cores == 4)
    #expect(abs(levelling.fullestUnlevelled - 0.4) < 1e-12)
    #expect(abs(levelling.fullestLevelled - 0.2) < 1e-12)
    #expect(abs(levelling.freedCores - 2) < 1e-12)
    #expect(abs(levelling.spreadUnlevelled - 1.5) < 1e-12)
    #expect(abs(levelling.spreadLevelled - 1) < 1e-12)
  }

  @Test(arguments: [0.001, 1, 1000]) func `it does not depend on demand, without neighbours`(
    demand: Double
  ) throws {
    let levelling = try #require(
      Levelling(
        [
          server(1, on: "web1", levelled: 1, unlevelled: 1, cost: 0.02),
          server(1, on: "web2", levelled: 2, unlevelled: 1, cost: 0.01),
        ], hosts: [:], demand: demand))
    #expect(abs(levelling.freedCores - 2 * (1 - 2 / 3.0)) < 1e-9)
  }

  @Test func `a host's cores are counted once, and its neighbours fill it on both sides`() throws {
    let levelling = try #require(
      Levelling(
        [
          server(4, on: "web1", levelled: 1, unlevelled: 2),
          server(4, on: "web1", levelled: 1, unlevelled: 2),
          server(4, on: "web2", levelled: 2, unlevelled: 2),
        ],
        hosts: [
          "web1": .init(cores: 4, neighbourCores: 2), "web2": .init(cores: 4, neighbourCores: 0),
        ], demand: 240))
    #expect(levelling.cores == 8)
    #expect(abs(levelling.fullestLevelled - (2 + 1.2) / 4) < 1e-12)
    #expect(abs(levelling.fullestUnlevelled - (2 + 1.6) / 4) < 1e-12)
    #expect(levelling.freedCores > 0)
  }

  @Test func `a server asked for more than it can do is full, and costs all that it lacks`() throws
  {
    let levelling = try #require(
      Levelling(
        [
          server(1, on: "web1", levelled: 1, unlevelled: 1),
          server(3, on: "web2", levelled: 3, unlevelled: 1),
        ], hosts: [:], demand: 300))
    #expect(abs(levelling.fullestUnlevelled - 1.5) < 1e-12)
    // Measured it is 1 beside 0.5.
    #expect(abs(levelling.spreadUnlevelled - 1 / 0.75) < 1e-12)
    #expect(abs(levelling.freedCores - 2) < 1e-12)
  }

  @Test func `weights that are less level than the configuration's free less than nothing`() throws
  {
    let levelling = try #require(
      Levelling(
        [
          server(1, on: "web1", levelled: 3, unlevelled: 1),
          server(1, on: "web2", levelled: 1, unlevelled: 1),
        ], hosts: [:], demand: 50))
    #expect(levelling.freedCores < 0)
  }

  @Test func `what cannot be is not known`() {
    let good = server(1, on: "web1", levelled: 1, unlevelled: 1)
    #expect(Levelling([good], hosts: [:], demand: 10) == nil)
    #expect(Levelling([good, good], hosts: [:], demand: 0) == nil)
    #expect(Levelling([good, good], hosts: [:], demand: .nan) == nil)
    let bad = [
      server(0, on: "web1", levelled: 1, unlevelled: 1),
      server(1, on: "web1", levelled: .nan, unlevelled: 1),
      server(1, on: "web1", levelled: .infinity, unlevelled: 1),
      server(1, on: "web1", levelled: 1, unlevelled: 1, cost: 0),
      server(1, on: "web1", levelled: 1, unlevelled: 1, cost: .infinity),
    ]
    for bad in bad { #expect(Levelling([good, bad], hosts: [:], demand: 10) == nil, "\(bad)") }
    let nobody = server(1, on: "web1", levelled: 0, unlevelled: 1)
    #expect(Levelling([nobody, nobody], hosts: [:], demand: 10) == nil)
  }
}
