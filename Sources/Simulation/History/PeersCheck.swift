internal import Balancing
internal import Control

/// How far daemons that tell each other agree, by what each of them reported.
package enum PeersCheck {
  /// A moment, and what the daemons' weights meant then: the largest difference between two balancers'
  /// shares for one server, as a part of the largest share.
  package static func apart(
    _ daemons: [RunLog.Daemon], from start: Double, to end: Double
  ) -> [Double] {
    var apart: [Double] = []
    var second = start
    while second <= end {
      let shares = daemons.compactMap { $0.ownShares(at: second) }
      let names = Set(shares.flatMap(\.keys))
      let top = shares.compactMap { $0.values.max() }.max() ?? 0
      let most = names.map { name in
        let all = shares.map { $0[name] ?? 0 }
        return (all.max() ?? 0) - (all.min() ?? 0)
      }.max()
      if let most, top > 0, shares.count > 1 { apart.append(most / top) }
      second += 1
    }
    return apart
  }

  /// Writes that level weights by a demand that is far below what clients sent: by a part of the facts.
  ///
  /// - Parameter arrived: requests that clients sent, by second.
  static func writesOnAPart(
    _ daemons: [RunLog.Daemon], arrived: [Int], from start: Double
  ) -> [WeightChange] {
    daemons.flatMap(\.reports).flatMap { report -> [WeightChange] in
      let second = report.snapshot.at.seconds(since: Cluster.epoch)
      let last = Int(second.rounded(.down))
      guard second >= start, last > Self.meanSeconds, last <= arrived.count else { return [] }
      let sent =
        Double(arrived[(last - Self.meanSeconds)..<last].reduce(0, +)) / Double(Self.meanSeconds)
      let backends = report.snapshot.backends.filter {
        $0.demandPerSecond ?? sent < Self.wholePart * sent
      }.map(\.name)
      return report.events.compactMap { event in
        guard case .weightChanged(let change) = event, case .levelling = change.reason,
          backends.contains(change.backend)
        else { return nil }
        return change
      }
    }
  }

  /// Seconds over which what clients sent is taken, and the part of it that is no chance.
  private static let meanSeconds = 30
  private static let wholePart = 0.7

  /// The largest factor between two costs of one server in consecutive reports, from a moment on.
  package static func worstCostJump(_ daemons: [RunLog.Daemon], from start: Double) -> Double {
    var worst = 1.0
    for daemon in daemons {
      var last: [ServerName: Double] = [:]
      for report in daemon.reports {
        let seconds = report.snapshot.at.seconds(since: Cluster.epoch)
        for server in report.snapshot.backends.flatMap(\.servers) {
          guard let cost = server.costPerRequest, cost > 0 else { continue }
          if seconds >= start, let before = last[server.name] {
            worst = max(worst, cost / before, before / cost)
          }
          last[server.name] = cost
        }
      }
    }
    return worst
  }
}

extension RunLog.Daemon {
  /// What its own balancer's weights meant after its last tick.
  fileprivate func ownShares(at seconds: Double) -> [ServerName: Double]? {
    let end = Cluster.epoch.advanced(bySeconds: seconds)
    guard let backend = reports.last(where: { $0.snapshot.at <= end })?.snapshot.backends.first
    else { return nil }
    let weights = backend.servers.compactMap { server -> (ServerName, Double)? in
      guard server.state == .up,
        let own = server.weights.first(where: { !settings.peers.contains($0.balancer) })
      else { return nil }
      return (server.name, Double(own.wanted.value))
    }
    let total = weights.reduce(0) { $0 + $1.1 }
    guard total > 0 else { return nil }
    return Dictionary(weights.map { ($0.0, $0.1 / total) }) { first, _ in first }
  }
}
