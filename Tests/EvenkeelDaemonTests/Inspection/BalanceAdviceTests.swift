import Balancing
import Control
import Testing

@testable import EvenkeelDaemon

/// Which algorithm would serve better.
@Suite struct BalanceAdviceTests {
  private func backend(
    _ name: String, _ algorithm: BackendReading.Algorithm = .dynamic(.rate), inFlight: [Double]
  ) -> BackendReading {
    BackendReading(
      algorithm: algorithm, algorithmName: name,
      servers: inFlight.enumerated().map { index, count in
        ServerReading(
          name: ServerName("s\(index)"), state: .up, weight: Weight(clamping: 100),
          initialWeight: Weight(clamping: 100),
          requests: RequestCounters(arrived: 100, done: 90, inFlight: count), responseSeconds: 0.01)
      })
  }

  @Test func `round robin with many requests in flight has a better one`() {
    #expect(
      backend("roundrobin", inFlight: [5, 1, 3]).betterBalance
        == "9 requests are in flight at 3 servers: where requests differ in cost, `balance random(4)` "
        + "would keep the mean level and halve the tail")
  }

  @Test func `round robin with few, and what sees requests in flight itself, are left alone`() {
    #expect(backend("roundrobin", inFlight: [1, 1, 0]).betterBalance == nil)
    #expect(backend("roundrobin", inFlight: [50]).betterBalance == nil)
    // `random`, for which HAProxy has no word.
    #expect(backend("unknown", inFlight: [50, 50]).betterBalance == nil)
    #expect(backend("leastconn", .dynamic(.inFlight), inFlight: [50, 50]).betterBalance == nil)
  }

  @Test func `tunnels, downloads and TCP mode are no requests that wait`() {
    var backend = backend("roundrobin", inFlight: [5, 5])
    for index in 0...1 {
      backend.servers[index].requests = RequestCounters(arrived: 900, done: 890, inFlight: 800)
      backend.servers[index].requests.tunnelled = 10
    }
    #expect(backend.betterBalance == nil)
    backend.servers[0].requests.tunnelled = 0
    #expect(backend.betterBalance?.hasPrefix("10 requests are in flight at 2 servers") == true)
    for index in 0...1 { backend.servers[index].responseSeconds = nil }
    #expect(backend.betterBalance == nil)
  }

  @Test func `a server that takes no traffic counts for nothing`() {
    var backend = backend("roundrobin", inFlight: [1, 1, 40])
    backend.servers[2].state = .down
    #expect(backend.betterBalance == nil)
  }
}
