import Balancing
import TestSupport
import Testing

@testable import Control

/// Limits in force, and what is said of advice.
@Suite struct LimitTests {
  private func reading(_ limit: Int?) -> ServerReading {
    ServerReading(
      name: "a", state: .up, weight: Weight(clamping: 1), initialWeight: Weight(clamping: 1),
      requests: RequestCounters(arrived: 0, done: 0, inFlight: 0), limit: limit)
  }

  private func limit(_ limits: [Int?], on carriers: Set<BalancerName> = []) -> Double? {
    let readings = limits.enumerated().map { index, limit in
      (
        balancer: BalancerName("lb\(index)"),
        backend: BackendReading(
          algorithm: .dynamic(.rate), algorithmName: "roundrobin", servers: [reading(limit)])
      )
    }
    return BackendServers(readings).servers.first?.limit(on: carriers)
  }

  @Test func `limits of several balancers add up, and one without makes it none`() {
    #expect(limit([4]) == 4)
    #expect(limit([4, 3]) == 7)
    #expect(limit([4, nil]) == nil)
    #expect(limit([nil]) == nil)
  }

  @Test func `only limits that traffic meets count`() {
    #expect(limit([4, 3], on: ["lb0"]) == 4)
    #expect(limit([4, nil], on: ["lb0"]) == 4)
    #expect(limit([nil, 4], on: ["lb0"]) == nil)
    #expect(limit([4, 3], on: ["lb0", "lb1"]) == 7)
  }

  /// Of a pair either side must do alone, whether the other is a standby or serves until it is gone.
  @Test(arguments: [(1, 1, 1), (5, 0, 5), (5, 1, 5), (5, 2, 5), (5, 3, 3), (4, 3, 2), (1, 4, 1)])
  func `with what is advised for each balancer a server can be used when one of them is gone`(
    inFlight: Int, carriers: Int, each: Int
  ) {
    let advice = LimitAdvice.limit(
      LimitAdvice.Limit(
        inFlight: inFlight, most: inFlight, capacityPerSecond: 80, responseSeconds: 0.0125,
        waitSeconds: 0.001, seenSeconds: 0.013, seenUtilisation: 0.3, watchedSeconds: 900))
    #expect(advice.onEach(of: carriers) == each)
    #expect(LimitAdvice.none(.learning).onEach(of: carriers) == nil)
  }

  @Test func `advice says what it rests on, and how sure it is`() {
    var limit = LimitAdvice.Limit(
      inFlight: 2, most: 3, capacityPerSecond: 80, responseSeconds: 0.0135, waitSeconds: 0.001,
      seenSeconds: 0.014, seenUtilisation: 0.3, watchedSeconds: 900)
    #expect(
      LimitAdvice.limit(limit).description
        == "80.0 requests/s that its CPU is good for × 14 ms a request, 1.0 ms of it no CPU; "
        + "sure: answers took 14 ms at 0.30 of its CPU")
    limit.most = 6
    #expect(
      limit.description.hasSuffix(
        "rough: answers took 14 ms at 0.30 of its CPU, and 6 would be right were that no queue at "
          + "the server"))
    limit.watchedSeconds = 60
    #expect(limit.description.contains("rough, looked at for 1 min"))
    #expect(
      LimitAdvice.none(.waits(seconds: 0.05, serviceSeconds: 0.002)).description
        == "none advised: a request waits 50 ms for something else than CPU, and takes 2.0 ms of "
        + "that: what it waits for should have the limit")
  }
}
