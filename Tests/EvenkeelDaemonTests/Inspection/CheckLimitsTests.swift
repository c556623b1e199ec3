import Balancing
@testable import Control
import Testing

@testable import EvenkeelDaemon

/// What `check` adds of a daemon that runs.
@Suite struct CheckLimitsTests {
  private func advice(
    _ servers: [(name: ServerName, advised: Int, inForce: [Int?], watchedSeconds: Double)]
  ) -> [String] {
    let statuses = servers.map { name, advised, inForce, watchedSeconds in
      var status = ServerStatus(
        name: name, state: .up, condition: .live, match: .none, share: 0.5,
        weights: inForce.enumerated().map { index, limit in
          BalancerWeight(
            balancer: BalancerName("lb\(index)"), standing: Weight(clamping: 100),
            wanted: Weight(clamping: 100), limit: limit)
        })
      status.limit = .limit(
        LimitAdvice.Limit(
          inFlight: advised, most: advised, capacityPerSecond: 80, responseSeconds: 0.0125,
          waitSeconds: 0.001, seenSeconds: 0.013, seenUtilisation: 0.3,
          watchedSeconds: watchedSeconds))
      status.limitOnEach = advised
      return status
    }
    let running = StatusReport.Backend(
      BackendStatus(
        name: "shop", mode: .control, condition: .steering, servers: statuses, changes: []),
      changes: [])
    var report = CheckReport(
      endpoints: [], balancers: [],
      backends: ["shop", "other"].map {
        CheckReport.Backend(name: $0, mode: "control", strategy: "capacity", servers: [])
      }, status: CheckReport.Status(listen: "off", notes: []))
    report.addLimits(of: [running])
    return report.advice
  }

  @Test func `limits that it is sure of are advised where others are in force`() {
    let advice = advice([
      ("shop-1", 8, [nil], 900), ("shop-2", 8, [7], 900), ("shop-3", 8, [4, nil], 900),
      ("shop-4", 8, [nil], 60),
    ])
    #expect(advice.count == 1)
    #expect(advice[0].hasPrefix("shop: with these `maxconn`"))
    #expect(
      advice[0].contains("shop-1 8 (now none), shop-3 8 (now 4, none); `evenkeel explain shop`"))
  }

  @Test func `where what is in force is as good, nothing is said`() {
    #expect(advice([("shop-1", 8, [8], 900), ("shop-2", 1, [1], 900)]).isEmpty)
    #expect(advice([]).isEmpty)
  }
}
