import Testing

@testable import Demo

struct LatencyWindowTests {
  @Test(arguments: [
    (percent: 50, count: 1, rank: 1), (99, 1, 1), (50, 2, 1), (50, 3, 2), (50, 4, 2), (99, 99, 99),
    (99, 100, 99), (99, 101, 100), (99, 200, 198), (100, 7, 7), (0, 7, 1),
  ])
  func `a percentile is the value of the nearest rank`(percent: Int, count: Int, rank: Int) {
    let values = (1...count).map { Duration.milliseconds($0) }
    #expect(percentile(percent, of: values) == .milliseconds(rank))
  }

  @Test func `no values have no percentile`() {
    #expect(percentile(50, of: []) == nil)
  }

  @Test func `only what ended in the span counts, and a failure counts with the time it took`() {
    var window = LatencyWindow()
    window.record(latency: .seconds(9), failed: false, endedAt: .milliseconds(999))
    window.record(latency: .milliseconds(30), failed: false, endedAt: .seconds(1))
    window.record(latency: .milliseconds(10), failed: false, endedAt: .milliseconds(1500))
    window.record(latency: .seconds(10), failed: true, endedAt: .milliseconds(1999))
    window.record(latency: .seconds(9), failed: false, endedAt: .seconds(2))
    #expect(
      window.summary(of: .seconds(1)..<(.seconds(2)))
        == LatencySummary(requests: 3, failed: 1, p50: .milliseconds(30), p99: .seconds(10)))
    #expect(window.summary(of: .seconds(3)..<(.seconds(4))) == nil)
  }

  @Test func `what is older than the retention is forgotten`() {
    var window = LatencyWindow()
    for second in 0..<1000 {
      window.record(latency: .milliseconds(1), failed: false, endedAt: .seconds(second))
    }
    let whole = window.summary(of: .zero..<(.seconds(1000)))
    #expect(whole?.requests == 91)
  }

  @Test func `a request given up at the end is not counted`() {
    let ledger = Ledger()
    #expect(ledger.begin(limit: 2))
    #expect(ledger.begin(limit: 2))
    #expect(!ledger.begin(limit: 2))
    ledger.end(latency: nil, failed: true, at: .seconds(1))
    #expect(ledger.begin(limit: 2))
    ledger.refuse(at: .seconds(1))
    #expect(
      ledger.summary(of: .zero..<(.seconds(2)))
        == LatencySummary(
          requests: 1, failed: 1, p50: LoadGenerator.limit, p99: LoadGenerator.limit))
  }
}
