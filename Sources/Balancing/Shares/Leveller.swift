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

  let servers: [Server]
  let hosts: [HostName: Host]
  /// What the servers of a host may use together.
  private let limits: [HostName: Double]

  package init(servers: [Server], hosts: [HostName: Host]) {
    self.servers = servers
    self.hosts = hosts
    limits = Dictionary(servers.map { ($0.host, $0.limitCores) }, uniquingKeysWith: +)
  }

  /// Requests a second that each server takes at a utilisation; none falls as `level` rises.
  func rates(at level: Double) -> [Double] {
    servers.map { server in
      var reached = level
      if let host = hosts[server.host], let limit = limits[server.host], limit > 0 {
        reached = min(level, host.left(at: level) / limit)
      }
      let rate = max(0, server.limitCores * reached - server.queueCores) / server.cost
      return min(rate, server.mostPerSecond)
    }
  }

  /// How far the utilisation of each server's limit follows its share: less than in proportion where
  /// the limit is its host and others use a part of that. As much as it has to its own limit it is
  /// taken to follow at least: what is let pass must not fill that.
  func leverage(at level: Double) -> [Double] {
    servers.map { server in
      guard let host = hosts[server.host], let limit = limits[server.host] else { return 1 }
      let left = host.left(at: level)
      guard left < level * limit else { return 1 }
      return max(left / (level * min(host.cores, limit)), CapacityConstants.leastLeverage)
    }
  }

  /// - Parameter demand: requests a second, above 0.
  /// - Returns: `nil` when no level serves any request.
  package func solve(demand: Double) -> Solution? {
    var upper = 1.0
    for _ in 0..<Self.bracketSteps where total(at: upper) < demand { upper *= 2 }
    for _ in 0..<Self.bracketSteps where total(at: upper / 2) >= demand { upper /= 2 }
    var lower = upper / 2
    for _ in 0..<Self.bisections {
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
    guard most > demand * CapacityConstants.roomForLimits else {
      return unlimited.solve(demand: demand, sparing: sparing)
    }
    guard let plain = solution(demand, sparing, part: 0) else { return nil }
    let room = max(CapacityConstants.sparingRoom, (1 - plain.level) / 4)
    let fullest = max(plain.level + room, CapacityConstants.sparingLevel)
    if let whole = solution(demand, sparing, part: 1), whole.level <= fullest { return whole }
    var (found, lower, upper) = (plain, 0.0, 1.0)
    for _ in 0..<Self.sparingSteps {
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
    let unlimited = servers.map { server in
      var server = server
      server.mostPerSecond = .infinity
      return server
    }
    return Leveller(servers: unlimited, hosts: hosts)
  }

  /// With a part of the sparing and of the queues: 0 is none, 1 is all.
  private func solution(_ demand: Double, _ sparing: [Double], part: Double) -> Solution? {
    let spared = zip(servers, sparing).map { server, factor in
      var server = server
      server.cost /= max(1e-6, 1 - part * (1 - min(max(factor, 0), 1)))
      server.queueCores *= part
      return server
    }
    return Leveller(servers: spared, hosts: hosts).solve(demand: demand)
  }

  private static let sparingSteps = 10

  /// Enough to find a level 2⁶⁴ times as high or low as 1.
  private static let bracketSteps = 64
  private static let bisections = 50

  private func total(at level: Double) -> Double { rates(at: level).reduce(0, +) }
}
