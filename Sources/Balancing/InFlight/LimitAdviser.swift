/// What is advised for each server of a backend.
struct LimitAdviser: Hashable, Codable, Sendable {
  private struct Record: Hashable, Codable, Sendable {
    var arrivals = ArrivalMeter()
    var watch: ResponseWatch
  }

  private var records: [ServerName: Record] = [:]

  /// Looks at a tick, and puts advice beside each server of its plan.
  mutating func advise(_ plan: inout Plan, in tick: Tick, areLong: Bool) {
    records = records.filter { !tick.isForgotten($0.value.watch.lastSeen) }
    let planned = Dictionary(plan.servers.map { ($0.name, $0) }) { first, _ in first }
    var advice: [ServerName: LimitAdvice] = [:]
    for server in tick.servers where server.state.takesTraffic {
      var record = records[server.name] ?? Record(watch: ResponseWatch(at: tick.now))
      let load = planned[server.name]?.measured
      if let requests = server.requests {
        record.arrivals.add(requests.arrived, at: tick.now, memory: tick.memorySeconds)
      }
      record.watch.observe(
        server, utilisation: load.map { $0.cores / $0.limitCores },
        perSecond: record.arrivals.perSecond, in: tick)
      records[server.name] = record
      let cost = planned[server.name]?.costPerRequest
      advice[server.name] =
        if areLong {
          .none(.sessionsAreLong)
        } else if let cost, let load, server.doubt == nil {
          LimitAdvice(cost: cost, limitCores: load.limitCores, record.watch)
        } else {
          .none(.costUnknown)
        }
    }
    for index in plan.servers.indices {
      plan.servers[index].limit = advice[plan.servers[index].name]
    }
  }

  /// Forgets a server whose name has become another's.
  mutating func forget(_ server: ServerName) { records[server] = nil }
}
