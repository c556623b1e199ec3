import Balancing
import Testing

@testable import Control

@Suite struct WeightsApartTests {
  private static func servers(_ weights: [(name: ServerName, weight: Int, state: ServerState)])
    -> [ServerReading]
  {
    weights.map {
      ServerReading(
        name: $0.name, state: $0.state, weight: Weight(clamping: $0.weight),
        initialWeight: Weight(clamping: 100),
        requests: RequestCounters(arrived: 0, done: 0, inFlight: 0))
    }
  }

  @Test func `weights that mean the same shares are not apart`() {
    let mine = Self.servers([("a", 100, .up), ("b", 200, .up)])
    #expect(mine.weightsApart(from: Self.servers([("b", 100, .up), ("a", 50, .up)])) == 0)
    #expect(mine.weightsApart(from: Self.servers([("a", 100, .drain), ("b", 9, .up)])) == 0)
    #expect(mine.weightsApart(from: Self.servers([("c", 100, .up)])) == nil)
    #expect(mine.weightsApart(from: []) == nil)
  }

  @Test func `the largest difference between two shares is told in parts of the largest`() throws {
    let mine = Self.servers([("a", 60, .up), ("b", 40, .up)])
    let apart = try #require(
      mine.weightsApart(from: Self.servers([("a", 80, .up), ("b", 20, .up)])))
    #expect(abs(apart - 0.25) < 1e-9)
  }
}
