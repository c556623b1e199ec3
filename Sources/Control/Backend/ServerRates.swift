internal import Balancing

/// Requests and failures a second of each server, from one tick to the next.
struct ServerRates: Codable, Sendable {
  struct Rates: Hashable, Sendable {
    var arrived: [ServerName: Double] = [:]
    var failed: [ServerName: Double] = [:]
  }

  private struct Counts: Codable {
    var at: Timestamp
    var arrived: [ServerName: Double]
    var failed: [ServerName: Double]
  }

  private var last: Counts?

  /// The rates since the last tick that had counters; none of a server whose counting began anew.
  mutating func rates(of counters: [ServerName: RequestCounters]?, at now: Timestamp) -> Rates {
    guard let counters else { return Rates() }
    let (arrived, failed) = (counters.mapValues(\.arrived), counters.mapValues(\.failed))
    defer { last = Counts(at: now, arrived: arrived, failed: failed) }
    guard let last, case let seconds = now.seconds(since: last.at), seconds > 0 else {
      return Rates()
    }
    func rates(_ counts: [ServerName: Double], since before: [ServerName: Double])
      -> [ServerName: Double]
    {
      var rates: [ServerName: Double] = [:]
      for (server, count) in counts {
        guard let before = before[server], count >= before else { continue }
        rates[server] = (count - before) / seconds
      }
      return rates
    }
    return Rates(
      arrived: rates(arrived, since: last.arrived), failed: rates(failed, since: last.failed))
  }
}
