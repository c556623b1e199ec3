internal import Balancing

/// Requests and failures a second of each server, from one tick to the next.
struct ServerRates: Codable, Sendable {
  struct Rates: Hashable, Sendable {
    var arrived: [ServerName: Double] = [:]
    var failed: [ServerName: Double] = [:]
  }

  private struct Look: Codable {
    var at: Timestamp
    var counters: [ServerName: RequestCounters]
  }

  private var last: Look?

  /// The rates since the last tick that had counters; none of a server whose counting began anew.
  mutating func rates(of counters: [ServerName: RequestCounters]?, at now: Timestamp) -> Rates {
    guard let counters else { return Rates() }
    defer { last = Look(at: now, counters: counters) }
    guard let last, case let seconds = now.seconds(since: last.at), seconds > 0 else {
      return Rates()
    }
    var rates = Rates()
    for (server, counters) in counters {
      guard let before = last.counters[server] else { continue }
      let growth = counters.growth(since: before)
      // What is shown of failures does not wait for arrivals that began anew, nor the other way round.
      if growth.arrived >= 0 { rates.arrived[server] = growth.arrived / seconds }
      if growth.failed >= 0 { rates.failed[server] = growth.failed / seconds }
    }
    return rates
  }
}
