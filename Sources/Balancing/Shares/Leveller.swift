/// Finds the request rates under which all servers are equally utilised.
///
/// The rates depend on costs, limits, neighbours, queues and demand, not on the present weights:
/// two daemons that see the same things plan the same.
package struct Leveller: Sendable {
  package struct Server: Hashable, Sendable {
    /// CPU seconds a request, above 0.
    package var cost: Double
    /// Cores that it may use, above 0.
    package var limitCores: Double
    /// Cores that clearing its queue takes for an interval.
    package var queueCores: Double
    package var host: HostName
    /// Requests a second that it is let have, however much CPU it has.
    package var mostPerSecond: Double

    package init(
      cost: Double, limitCores: Double, queueCores: Double, host: HostName,
      mostPerSecond: Double = .infinity
    ) {
      self.mostPerSecond = mostPerSecond
      self.cost = cost
      self.limitCores = limitCores
      self.queueCores = queueCores
      self.host = host
    }
  }

  package struct Host: Hashable, Sendable {
    package var cores: Double
    /// Cores used by others.
    package var neighbourCores: Double
    /// Cores that our servers have at least, whatever the others want.
    package var fairCores: Double

    package init(cores: Double, neighbourCores: Double, fairCores: Double = 0) {
      self.cores = cores
      self.neighbourCores = neighbourCores
      self.fairCores = fairCores
    }

    /// Cores that our servers use at a utilisation: of the whole host, or of what is theirs by right.
    func left(at level: Double) -> Double {
      max(level * cores - neighbourCores, level * fairCores, 0)
    }
  }

  package struct Solution: Hashable, Sendable {
    /// The common utilisation; above 1 under overload.
    package var level: Double
    /// Requests a second, in the servers' order.
    package var rates: [Double]
  }

  /// A host of some of the servers, and what these may use together.
  private struct Place: Hashable, Sendable {
    var host: Host
    var limitCores: Double
  }

  private(set) var servers: [Server]
  let hosts: [HostName: Host]
  /// The hosts that have servers, in the order of their first, and where each server's is among them.
  private let places: [Place]
  private let placeOfServer: [Int?]

  package init(servers: [Server], hosts: [HostName: Host]) {
    self.servers = servers
    self.hosts = hosts
    var places: [Place] = []
    var indices: [HostName: Int] = [:]
    var placeOfServer: [Int?] = []
    for server in servers {
      if let index = indices[server.host] {
        places[index].limitCores += server.limitCores
        placeOfServer.append(index)
      } else if let host = hosts[server.host] {
        indices[server.host] = places.count
        placeOfServer.append(places.count)
        places.append(Place(host: host, limitCores: server.limitCores))
      } else {
        placeOfServer.append(nil)
      }
    }
    self.places = places
    self.placeOfServer = placeOfServer
  }

  /// Requests a second that each server takes at a utilisation; none falls as `level` rises.
  func rates(at level: Double) -> [Double] {
    let reached = reached(at: level)
    return servers.indices.map { rate(of: $0, reached, at: level) }
  }

  /// What of its servers' limits each host lets them use at a utilisation.
  private func reached(at level: Double) -> [Double] {
    places.map { place in
      place.limitCores > 0
        ? min(level, place.host.left(at: level) / place.limitCores) : level
    }
  }

  private func rate(of index: Int, _ reached: [Double], at level: Double) -> Double {
    let server = servers[index]
    let reached = placeOfServer[index].map { reached[$0] } ?? level
    let rate = max(0, server.limitCores * reached - server.queueCores) / server.cost
    return min(rate, server.mostPerSecond)
  }

  /// How far the utilisation of each server's limit follows its share: less than in proportion where
  /// the limit is its host and others use a part of that. As much as it has to its own limit it is
  /// taken to follow at least: what is let pass must not fill that.
  func leverage(at level: Double) -> [Double] {
    let factors = places.map { place in
      let left = place.host.left(at: level)
      guard left < level * place.limitCores else { return 1.0 }
      return max(
        left / (level * min(place.host.cores, place.limitCores)), CapacityConstants.leastLeverage)
    }
    return placeOfServer.map { $0.map { factors[$0] } ?? 1 }
  }

  /// - Parameter demand: requests a second, above 0.
  /// - Returns: `nil` when no level serves any request.
  package func solve(demand: Double) -> Solution? {
    var upper = 1.0
    // Farther than any level is: a demand that nobody can serve ends there.
    while total(at: upper) < demand, upper < 1 / .ulpOfOne { upper *= 2 }
    while total(at: upper / 2) >= demand, upper > .ulpOfOne { upper /= 2 }
    var lower = upper / 2
    while upper - lower > 4 * lower.ulp {
      let middle = (lower + upper) / 2
      if total(at: middle) < demand { lower = middle } else { upper = middle }
    }
    let rates = rates(at: upper)
    guard rates.allSatisfy(\.isFinite), rates.contains(where: { $0 > 0 }) else { return nil }
    return Solution(level: upper, rates: rates)
  }

  /// Solves with some servers getting less than their cost says, and queues being cleared, as far as
  /// the others do not have to pay for it by being full themselves.
  ///
  /// - Parameter sparing: a factor on what each server takes at a level, 0…1.
  func solve(demand: Double, sparing: [Double]) -> Solution? {
    // Where all are full, what waits is in the balancer, and weights only say whose turn it is.
    let most = servers.reduce(0) { $0 + $1.mostPerSecond }
    guard most * CapacityConstants.busyServer > demand else {
      return unlimited.solve(demand: demand, sparing: sparing)
    }
    guard let plain = solution(demand, sparing, part: 0) else { return nil }
    // Where there is nothing to spare or to clear, all of it is none of it.
    if sparing.allSatisfy({ $0 >= 1 }), servers.allSatisfy({ $0.queueCores == 0 }) { return plain }
    let room = max(CapacityConstants.resolution, (1 - plain.level) / 4)
    let fullest = max(plain.level + room, CapacityConstants.fullHost)
    if let whole = solution(demand, sparing, part: 1), whole.level <= fullest { return whole }
    var (found, lower, upper) = (plain, 0.0, 1.0)
    // Finer than a weight can say.
    while upper - lower > 1 / (4 * Double(Weight.maximum)) {
      let middle = (lower + upper) / 2
      if let next = solution(demand, sparing, part: middle), next.level <= fullest {
        (found, lower) = (next, middle)
      } else {
        upper = middle
      }
    }
    return found
  }

  /// What the solution would be on hosts with other neighbours; the same where they are alike.
  func on(_ others: [HostName: Host], solved: Solution, for demand: Double) -> Solution? {
    let areAlike = hosts.allSatisfy { name, host in
      others[name].map { abs($0.neighbourCores - host.neighbourCores) <= 1e-6 * host.cores }
        ?? false
    }
    return areAlike
      ? solved : Leveller(servers: servers, hosts: others).solve(demand: demand)
  }

  /// The same servers, whatever they are let have.
  private var unlimited: Leveller {
    var unlimited = self
    for index in servers.indices { unlimited.servers[index].mostPerSecond = .infinity }
    return unlimited
  }

  /// With a part of the sparing and of the queues: 0 is none, 1 is all.
  private func solution(_ demand: Double, _ sparing: [Double], part: Double) -> Solution? {
    var spared = self
    for (index, factor) in zip(servers.indices, sparing) {
      spared.servers[index].cost /= max(1e-6, 1 - part * (1 - min(max(factor, 0), 1)))
      spared.servers[index].queueCores *= part
    }
    return spared.solve(demand: demand)
  }

  private func total(at level: Double) -> Double {
    let reached = reached(at: level)
    return servers.indices.reduce(0) { $0 + rate(of: $1, reached, at: level) }
  }
}
