package import Balancing

/// One backend's request counters, summed over its balancers.
///
/// HAProxy's own begin anew with each process and at `clear counters all`. What was counted since
/// the last look is lost then, so the sums begin anew as well: no rate is taken across the gap.
package struct RequestLedger: Codable, Sendable {
  /// A balancer that cannot be read for so many ticks is taken to serve nothing.
  private static let patienceTicks = 3

  private var last: [BalancerName: [ServerName: RequestCounters]] = [:]
  private var silentTicks: [BalancerName: Int] = [:]
  private var totals: [ServerName: RequestCounters] = [:]

  /// How many requests arrived at each balancer in the last tick.
  package private(set) var arrivedLastTick: [BalancerName: Double] = [:]

  package init() {}

  /// Takes in one tick's readings.
  ///
  /// - Parameters:
  ///   - readings: by balancer; those that could not be read are `nil`.
  ///   - replaced: the balancers whose process is new.
  /// - Returns: the totals by server; `nil` while a balancer that served a moment ago is silent,
  ///   since its share of the work cannot be told.
  package mutating func add(
    _ readings: [BalancerName: [ServerName: RequestCounters]?], replaced: Set<BalancerName>
  ) -> [ServerName: RequestCounters]? {
    var isComplete = true
    var isReset = false
    var inFlight: [ServerName: Double] = [:]
    arrivedLastTick = [:]
    for (balancer, reading) in readings {
      guard let reading else {
        let silent = min(silentTicks[balancer] ?? 0, Self.patienceTicks) + 1
        silentTicks[balancer] = silent
        if silent > Self.patienceTicks {
          last[balancer] = nil
        } else if last[balancer] != nil {
          isComplete = false
        }
        continue
      }
      // After a silence several ticks' requests come at once.
      let ticks = Double(max(silentTicks.removeValue(forKey: balancer) ?? 0, 0)) + 1
      for (server, now) in reading {
        inFlight[server, default: 0] += now.inFlight
        guard let before = last[balancer]?[server] else { continue }
        // A difference of counters that are not read at the same instant may be off by what is
        // under way; more than that is a reset.
        let isLess = now.arrived < before.arrived - before.inFlight - now.inFlight - 10
        if replaced.contains(balancer) || isLess {
          isReset = true
          arrivedLastTick[balancer, default: 0] += now.arrived / ticks
          continue
        }
        let arrived = max(0, now.arrived - before.arrived)
        totals[server, default: .none].arrived += arrived
        totals[server, default: .none].done += max(0, now.done - before.done)
        totals[server, default: .none].failed += max(0, now.failed - before.failed)
        arrivedLastTick[balancer, default: 0] += arrived / ticks
      }
      last[balancer] = reading
    }
    last = last.filter { readings.keys.contains($0.key) }
    silentTicks = silentTicks.filter { readings.keys.contains($0.key) }
    if isReset { totals = [:] }
    let listed = Set(inFlight.keys)
    totals = totals.filter { listed.contains($0.key) || !isComplete }
    for (server, count) in inFlight { totals[server, default: .none].inFlight = count }
    return isComplete ? totals : nil
  }
}

extension RequestLedger {
  /// Begins anew with a server whose name has become another's.
  mutating func forget(_ server: ServerName) {
    totals[server] = nil
    for balancer in last.keys { last[balancer]?[server] = nil }
  }
}

extension RequestCounters {
  fileprivate static var none: RequestCounters {
    RequestCounters(arrived: 0, done: 0, inFlight: 0)
  }
}
