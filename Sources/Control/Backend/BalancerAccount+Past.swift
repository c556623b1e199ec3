internal import Balancing

extension BalancerAccount {
  /// What a look is held against.
  struct Past {
    /// What has been counted of each server.
    var sums: [ServerName: RequestCounters]
    /// What was told of it before.
    var told: [ServerName: RequestCounters]
    /// Between the two; `nil` at the first look.
    var seconds: Double?
    /// For how long what a peer tells was on its way.
    var lag: Double

    /// Requests that came to each server since it was told of before; none where it was not.
    func arrivals(in readings: [ServerName: Reading]) -> [ServerName: Double] {
      readings.reduce(into: [:]) { arrivals, entry in
        let (server, reading) = entry
        guard reading.areTotalsBelieved, let before = told[server],
          let growth = reading.counters.counted(since: before)
        else { return }
        arrivals[server] = growth.arrived
      }
    }

    /// Requests a second: between the two looks, or else what is told of it.
    func rates(
      of readings: [ServerName: Reading], arrivals: [ServerName: Double]
    ) -> [ServerName: Double] {
      readings.reduce(into: [:]) { rates, entry in
        if let arrived = arrivals[entry.key], let seconds, seconds > 0 {
          rates[entry.key] = arrived / seconds
        } else {
          rates[entry.key] = entry.value.perSecond
        }
      }
    }

    /// Draws rates to those before, the more the longer the way that they are carried on for: what a
    /// moment shows is chance, and would be multiplied.
    func steady(_ rates: inout [ServerName: Double], by ratesBefore: [ServerName: Double]) {
      guard let seconds, seconds > 0 else { return }
      for (server, before) in ratesBefore {
        guard let rate = rates[server] else { continue }
        rates[server] = rate + lag / (seconds + lag) * (before - rate)
      }
    }

    /// What a peer's server has counted by now: it goes on while what it told is on its way, and until it
    /// is asked again.
    func carryOn(
      _ counters: RequestCounters, of server: ServerName, perSecond rate: Double
    ) -> RequestCounters {
      var counters = counters
      counters.count(rate * lag)
      // What stood and was more than there was is not counted again.
      if let sum = sums[server], sum.arrived > counters.arrived,
        sum.arrived - counters.arrived <= rate * (lag + max(seconds ?? 0, 1))
      {
        return sum
      }
      return counters
    }
  }
}
