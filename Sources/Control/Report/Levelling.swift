package import Balancing

/// What levelling is worth to one backend: the same requests, at the costs that were learned, under
/// the weights that level it and under those that it would have without.
///
/// A model, on both sides the same: neither side is compared with a measurement, so noise and a
/// change of demand are in both. In `control` the levelled side are the weights that stand, and the
/// other those of HAProxy's configuration; in `observe` the levelled side are the weights that solve
/// for one utilisation, without what would clear a queue meanwhile, and those that stand the other.
package struct Levelling: Hashable, Sendable {
  /// Cores that the servers may use together: their limits, on each host at most its cores.
  package var cores: Double
  /// Utilisation of the fullest server on both sides, neighbours included. Above 1: it would be asked
  /// for more than it can do.
  package var fullestLevelled: Double
  package var fullestUnlevelled: Double
  /// Worst over mean utilisation of the servers on both sides, as it would be measured: a server that
  /// is asked for more than it can do is full.
  package var spreadLevelled: Double
  package var spreadUnlevelled: Double

  /// Cores that could not be had without levelling.
  ///
  /// A backend can take more only until its fullest server is full. By then all servers together use
  /// `cores · level / fullest` of their cores, where `fullest` is what the fullest server stands at
  /// and `level` where it would stand if all were level; the rest is paid for, and stands idle. So
  ///
  ///     freed = cores · (1 − fullest levelled / fullest unlevelled)
  ///
  /// which is also by how much smaller a levelled backend could be for the fullest server that the
  /// other one has. Neighbours are taken to grow as the backend does. Below 0 where the weights of now
  /// are less level than the others would be, as while a queue is cleared.
  package var freedCores: Double { cores * (1 - fullestLevelled / fullestUnlevelled) }
}

extension Levelling {
  /// One server that takes traffic, with all that is known of it.
  package struct Server: Hashable, Sendable {
    /// CPU seconds a request.
    package var cost: Double
    /// Cores that it may use.
    package var limitCores: Double
    package var host: HostName
    /// Its share of the requests on both sides, in proportion to the others'.
    package var levelled: Double
    package var unlevelled: Double
  }

  package typealias Host = Leveller.Host

  /// - Parameters:
  ///   - servers: those that are known; what the others get is left out on both sides.
  ///   - hosts: those whose load is known, the servers' own part aside.
  ///   - demand: requests a second that these servers take together.
  /// - Returns: `nil` for fewer than two servers, without requests, and where a figure cannot be.
  package init?(_ servers: [Server], hosts: [HostName: Host], demand: Double) {
    let isKnown = servers.allSatisfy {
      $0.cost > 0 && $0.limitCores > 0 && $0.levelled >= 0 && $0.unlevelled >= 0
    }
    guard servers.count >= 2, isKnown, demand > 0,
      let levelled = Self.utilisations(servers, by: \.levelled, hosts: hosts, demand: demand),
      let unlevelled = Self.utilisations(servers, by: \.unlevelled, hosts: hosts, demand: demand)
    else { return nil }
    let limits = Dictionary(servers.map { ($0.host, $0.limitCores) }, uniquingKeysWith: +)
    cores = limits.reduce(0) { sum, limit in
      sum + min(limit.value, hosts[limit.key]?.cores ?? .infinity)
    }
    (fullestLevelled, spreadLevelled) = levelled
    (fullestUnlevelled, spreadUnlevelled) = unlevelled
    guard freedCores.isFinite else { return nil }
  }

  /// - Returns: `nil` where nobody gets anything.
  private static func utilisations(
    _ servers: [Server], by share: KeyPath<Server, Double>, hosts: [HostName: Host], demand: Double
  ) -> (fullest: Double, spread: Double)? {
    let sum = servers.reduce(0) { $0 + $1[keyPath: share] }
    guard sum > 0, sum.isFinite else { return nil }
    let used = servers.map { demand * $0[keyPath: share] / sum * $0.cost }
    let ours = Dictionary(
      zip(servers, used).map { ($0.host, $1) }, uniquingKeysWith: +)
    let utilisations = zip(servers, used).map { server, used in
      let own = used / server.limitCores
      guard let host = hosts[server.host], host.cores > 0 else { return own }
      return max(own, (host.neighbourCores + (ours[server.host] ?? 0)) / host.cores)
    }
    let measured = utilisations.map { min($0, 1) }
    let mean = measured.reduce(0, +) / Double(measured.count)
    guard let fullest = utilisations.max(), fullest > 0, (min(fullest, 1) / mean).isFinite else {
      return nil
    }
    return (fullest, min(fullest, 1) / mean)
  }

  /// The weights under which all would be equally utilised; `nil` where there are none.
  private static func levelWeights(
    of servers: [Server], hosts: [HostName: Host], demand: Double, bounds: WeightBounds
  ) -> [Double]? {
    let leveller = Leveller(
      servers: servers.map {
        Leveller.Server(
          cost: $0.cost, limitCores: $0.limitCores, queueCores: 0, host: $0.host)
      }, hosts: hosts)
    guard let solution = leveller.solve(demand: demand) else { return nil }
    return WeightRounding.free(solution.rates, bounds: bounds).map { Double($0.value) }
  }
}

extension Levelling {
  /// Both sides of a backend as one tick saw and planned it.
  ///
  /// - Parameters:
  ///   - plans: the strategy's, with what it measured and learned.
  ///   - hosts: where each server's container runs.
  ///   - levelled: each server's share of the traffic under the weights that level; `nil` where these
  ///     are yet to be found.
  ///   - unlevelled: the same without.
  ///   - bounds: of the weights that may be found.
  /// - Returns: `nil` while less than half of the servers that are up are known, as in a plan.
  init?(
    _ plans: [(server: ServerStatus, plan: ServerPlan)], levelled: [ServerName: Double]?,
    unlevelled: [ServerName: Double], demand: Double, bounds: WeightBounds
  ) {
    let up = plans.filter { $0.server.state == .up }
    let known = up.filter {
      $0.plan.costPerRequest != nil && $0.plan.measured != nil
        && $0.server.match.container != nil
    }
    guard 2 * known.count >= up.count else { return nil }
    var servers = known.compactMap { server, plan -> Server? in
      guard let cost = plan.costPerRequest, let load = plan.measured,
        let host = server.match.container?.host
      else { return nil }
      return Server(
        cost: cost, limitCores: load.limitCores, host: host,
        levelled: levelled?[server.name] ?? 0, unlevelled: unlevelled[server.name] ?? 0)
    }
    let loads = known.compactMap { server, plan in
      server.match.container.flatMap { key in plan.measured.map { (key.host, $0) } }
    }
    let ours = Dictionary(loads.map { ($0, $1.cores) }, uniquingKeysWith: +)
    let hosts = Dictionary(
      loads.compactMap { name, load -> (HostName, Host)? in
        guard let cores = load.hostCores, let used = load.hostCoresUsed else { return nil }
        return (name, Host(cores: cores, neighbourCores: max(0, used - (ours[name] ?? 0))))
      }, uniquingKeysWith: { first, _ in first })
    // What is not known gets its part of the traffic on neither side.
    let all = up.reduce(0.0) { $0 + $1.server.share }
    let share = known.reduce(0.0) { $0 + $1.server.share }
    let part = all > 0 ? demand * share / all : 0
    if levelled == nil {
      guard servers.allSatisfy({ $0.cost > 0 && $0.limitCores > 0 }), part > 0,
        let weights = Self.levelWeights(of: servers, hosts: hosts, demand: part, bounds: bounds)
      else { return nil }
      for (index, weight) in zip(servers.indices, weights) { servers[index].levelled = weight }
    }
    self.init(servers, hosts: hosts, demand: part)
  }
}
