/// What is advised for each server of a backend.
struct LimitAdviser: Hashable, Codable, Sendable {
  private var watches: [ServerName: ResponseWatch] = [:]

  /// Looks at a tick, and puts advice beside each server of its plan.
  mutating func advise(_ plan: inout Plan, in tick: Tick, areLong: Bool) {
    tick.forgetOld(in: &watches, by: \.lastSeen)
    let planned = Dictionary(plan.servers.map { ($0.name, $0) }) { first, _ in first }
    var advice: [ServerName: LimitAdvice] = [:]
    for server in tick.servers where server.state.takesTraffic {
      var watch = watches[server.name] ?? ResponseWatch(at: tick.now)
      let load = planned[server.name]?.measured
      watch.observe(server, utilisation: load.map { $0.cores / $0.limitCores }, in: tick)
      watches[server.name] = watch
      let cost = planned[server.name]?.costPerRequest
      advice[server.name] =
        if areLong {
          .none(.sessionsAreLong)
        } else if let cost, let load, server.doubt == nil {
          LimitAdvice(cost: cost, limitCores: load.limitCores, watch)
        } else {
          .none(.costUnknown)
        }
    }
    for index in plan.servers.indices {
      plan.servers[index].limit = advice[plan.servers[index].name]
    }
  }

  /// Forgets a server whose name has become another's.
  mutating func forget(_ server: ServerName) { watches[server] = nil }
}
