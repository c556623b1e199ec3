import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// A steady stream of requests that does not wait for the answers: arrivals are a Poisson
/// process, so a slow backend gets no fewer of them.
struct LoadGenerator: Sendable {
  /// A request that takes longer has failed.
  static let limit = Duration.seconds(10)
  /// With more than this many in flight, a request fails without being sent.
  static let maximumInFlight = 400

  let client: HTTPClient
  let url: String
  let requestsPerSecond: Double
  let seed: UInt64
  let clock: DemoClock
  let ledger: Ledger

  /// Sends requests until it is cancelled. Those in flight then are not counted.
  func run() async {
    await withDiscardingTaskGroup { requests in
      var generator = SeededGenerator(seed: seed)
      let gaps = Exponential(mean: 1 / requestsPerSecond)
      var due = clock.now
      while true {
        due += .seconds(gaps.draw(using: &generator))
        do { try await clock.sleep(until: due) } catch { break }
        // Measured from when it was due, so that our own delays are not hidden.
        let arrival = due
        guard ledger.begin(limit: Self.maximumInFlight) else {
          ledger.refuse(at: clock.now)
          continue
        }
        requests.addTask { await send(dueAt: arrival) }
      }
      requests.cancelAll()
    }
  }

  private func send(dueAt due: Duration) async {
    let failed: Bool
    do {
      failed = try await request(url, with: client, within: Self.limit) != 200
    } catch {
      failed = true
    }
    let now = clock.now
    ledger.end(latency: Task.isCancelled ? nil : now - due, failed: failed, at: now)
  }
}

/// One GET whose body is read and dropped.
///
/// - Returns: the status code.
func request(_ url: String, with client: HTTPClient, within limit: Duration) async throws -> UInt {
  let response = try await client.execute(
    HTTPClientRequest(url: url), timeout: TimeAmount(limit))
  for try await _ in response.body {}
  return response.status.code
}
