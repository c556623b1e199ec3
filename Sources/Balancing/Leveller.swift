/// Finds the request rates under which all servers are equally utilised.
///
/// The rates depend on costs, limits, neighbours, queues and demand, not on the present weights:
/// two daemons that see the same things plan the same.
struct Leveller: Sendable {
  struct Server: Hashable, Sendable {
    /// CPU seconds a request, above 0.
    var cost: Double
    /// Cores that it may use, above 0.
    var limitCores: Double
    /// Cores that clearing its queue takes for an interval.
    var queueCores: Double
    var host: HostName
  }

  struct Host: Hashable, Sendable {
    var cores: Double
    /// Cores used by others.
    var neighbourCores: Double
  }

  struct Solution: Hashable, Sendable {
    /// The common utilisation; above 1 under overload.
    var level: Double
    /// Requests a second, in the servers' order.
    var rates: [Double]
  }

  private let servers: [Server]
  private let hosts: [HostName: Host]
  /// What the servers of a host may use together.
  private let limits: [HostName: Double]

  init(servers: [Server], hosts: [HostName: Host]) {
    self.servers = servers
    self.hosts = hosts
    limits = Dictionary(servers.map { ($0.host, $0.limitCores) }, uniquingKeysWith: +)
  }

  /// Requests a second that each server takes at a utilisation; none falls as `level` rises.
  func rates(at level: Double) -> [Double] {
    servers.map { server in
      var reached = level
      if let host = hosts[server.host], let limit = limits[server.host], limit > 0 {
        reached = min(level, max(0, level * host.cores - host.neighbourCores) / limit)
      }
      return max(0, server.limitCores * reached - server.queueCores) / server.cost
    }
  }

  /// - Parameter demand: requests a second, above 0.
  /// - Returns: `nil` when no level serves any request.
  func solve(demand: Double) -> Solution? {
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

  /// Enough to find a level 2⁶⁴ times as high or low as 1.
  private static let bracketSteps = 64
  private static let bisections = 50

  private func total(at level: Double) -> Double { rates(at: level).reduce(0, +) }
}
