package import Balancing

/// A backend's servers as all its balancers show them, put together by name.
package struct BackendServers: Sendable {
  /// One server on all balancers that have it.
  package struct Server: Sendable {
    package var name: ServerName
    package var address: String?
    /// The state on all of them; where they differ, the one that takes most traffic.
    package var state: ServerState
    package var byBalancer: [BalancerName: ServerReading]

    /// Requests that wait for it on all of them; `nil` where none tells.
    package var queued: Double? {
      let told = byBalancer.values.compactMap(\.queued)
      return told.isEmpty ? nil : told.reduce(0, +)
    }

    /// Requests that it may have at a time on all balancers that traffic comes through; `nil` where one of
    /// them sets no limit.
    ///
    /// - Parameter carriers: these balancers; empty where that is not known, and all count.
    func limit(on carriers: Set<BalancerName>) -> Double? {
      var all: Double?
      for (balancer, reading) in byBalancer where carriers.isEmpty || carriers.contains(balancer) {
        guard let limit = reading.limit else { return nil }
        all = (all ?? 0) + Double(limit)
      }
      return all
    }

    /// Until an answer begins, by the requests that each balancer has: one without any tells of times that
    /// are long past.
    ///
    /// - Parameter demand: requests that arrived at each balancer lately.
    func responseSeconds(demand: [BalancerName: Double]) -> Double? {
      let told = byBalancer.compactMap { balancer, reading -> (Double, Double)? in
        guard let seconds = reading.responseSeconds, let demand = demand[balancer]
        else { return nil }
        return (demand, seconds)
      }
      let demand = told.reduce(0) { $0 + $1.0 }
      return demand > 0 ? told.reduce(0) { $0 + $1.0 * $1.1 } / demand : nil
    }
  }

  /// In the order of the first balancer that was read.
  package private(set) var servers: [Server] = []
  private var positions: [ServerName: Int] = [:]

  package init(_ readings: [(balancer: BalancerName, backend: BackendReading)]) {
    for (balancer, backend) in readings {
      for reading in backend.servers { add(reading, on: balancer) }
    }
  }

  private mutating func add(_ reading: ServerReading, on balancer: BalancerName) {
    guard let position = positions[reading.name] else {
      positions[reading.name] = servers.count
      servers.append(
        Server(
          name: reading.name, address: reading.address, state: reading.state,
          byBalancer: [balancer: reading]))
      return
    }
    servers[position].byBalancer[balancer] = reading
    servers[position].address = servers[position].address ?? reading.address
    if reading.state.absence < servers[position].state.absence {
      servers[position].state = reading.state
    }
  }

  /// Each server's share of the backend's traffic under the weights that stand.
  ///
  /// - Parameters:
  ///   - demand: requests that arrived at each balancer lately; without any, all count alike.
  ///   - weight: the weight of a server on a balancer.
  package func shares(
    demand: [BalancerName: Double], weight: (Server, BalancerName) -> Weight?
  ) -> [ServerName: Double] {
    let balancers = Set(servers.flatMap(\.byBalancer.keys))
    let total = balancers.reduce(0.0) { $0 + (demand[$1] ?? 0) }
    var shares: [ServerName: Double] = [:]
    for balancer in balancers {
      let fraction = total > 0 ? (demand[balancer] ?? 0) / total : 1 / Double(balancers.count)
      let weights = servers.compactMap { server -> (ServerName, Double)? in
        guard server.byBalancer[balancer]?.state.takesTraffic == true,
          let weight = weight(server, balancer)
        else { return nil }
        return (server.name, Double(weight.value))
      }
      let sum = weights.reduce(0.0) { $0 + $1.1 }
      guard sum > 0 else { continue }
      for (server, weight) in weights { shares[server, default: 0] += fraction * weight / sum }
    }
    return shares
  }
}

extension ServerState {
  /// How far a server is from taking traffic. One that ramps up anywhere takes traffic that its
  /// weight does not tell, and counts as ramping.
  fileprivate var absence: Int {
    switch self {
    case .ramping: 0
    case .up: 1
    case .backup: 2
    case .zeroWeight: 3
    case .drain: 4
    case .down: 5
    case .unresolved: 6
    case .maintenance: 7
    }
  }
}
