package import Balancing

/// What was already said of a backend, so that each thing is said once, and once when it is over.
package struct Announced: Codable, Sendable {
  /// Balancers that do not have the backend, and those whose algorithm takes no weights. The end of
  /// either needs no words: what works shows.
  var missing = Once<BalancerName>()
  var fixed = Once<BalancerName>()
  private var servers: [ServerName: ServerCondition] = [:]
  private var refusals: [BalancerName: [ServerName: String]] = [:]
  /// Not kept across restarts: a new process says what it finds.
  private var backend: BackendCondition?
  private var disbeliefs: [BalancerName: [ServerName: Set<Disbelief.Figure>]] = [:]

  private enum CodingKeys: String, CodingKey {
    case missing, fixed, servers, refusals
  }

  package init() {}

  package mutating func isNewRefusal(_ change: WeightChange, _ reply: String) -> Bool {
    defer { refusals[change.balancer, default: [:]][change.server] = reply }
    return refusals[change.balancer]?[change.server] != reply
  }

  package mutating func accepted(_ change: WeightChange) {
    refusals[change.balancer]?[change.server] = nil
  }

  /// What a balancer says of its servers that cannot be, as far as it is new.
  package mutating func news(of servers: [ServerReading], on balancer: BalancerName)
    -> [(server: ServerName, disbelief: Disbelief)]
  {
    let before = disbeliefs[balancer] ?? [:]
    var now: [ServerName: Set<Disbelief.Figure>] = [:]
    var news: [(ServerName, Disbelief)] = []
    for server in servers {
      for disbelief in server.disbeliefs {
        now[server.name, default: []].insert(disbelief.figure)
        guard before[server.name]?.contains(disbelief.figure) != true else { continue }
        news.append((server.name, disbelief))
      }
    }
    disbeliefs[balancer] = now
    return news
  }

  /// Compares what a backend does now with what was said last.
  package mutating func update(_ name: BackendName, _ status: BackendStatus) -> [ControlEvent] {
    var events: [ControlEvent] = []
    if backend?.isSameKind(as: status.condition) != true {
      let isFirst = backend == nil
      backend = status.condition
      if status.condition.isSteering {
        if !isFirst { events.append(.backendSteers(name)) }
      } else if status.condition != .algorithmIsFixed {
        // That one is said on its own, by balancer.
        events.append(.backendHolds(name, status.condition))
      }
    }
    guard status.condition != .unreadable else { return events }
    var current: [ServerName: ServerCondition] = [:]
    var emptied: [ControlEvent] = []
    for server in status.servers {
      let before = servers[server.name]
      // The first sample of a container is normal; a lasting lack of one turns into `stale`.
      let isTransient = server.condition == .held(.noRate)
      current[server.name] = isTransient ? before : server.condition
      guard !isTransient, before?.isSameKind(as: server.condition) != true,
        // Said on its own, by balancer.
        !server.condition.isToldElsewhere, before?.isEndToldElsewhere != true
      else { continue }
      if server.condition == .held(.state(.unresolved)) {
        emptied.append(.serverHolds(name, server.name, server.condition))
      } else if server.condition != .live {
        events.append(.serverHolds(name, server.name, server.condition))
      } else if before != nil {
        events.append(.serverLive(name, server.name))
      }
    }
    servers = current
    // Of many placeholders each says nothing.
    return events
      + (emptied.count > 1 ? [.slotsEmpty(name, count: emptied.count)] : emptied)
  }
}
