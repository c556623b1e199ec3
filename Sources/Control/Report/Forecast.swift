internal import Balancing

/// What the weights that are to be written would make of each server's CPU use, by what was measured
/// under those that stand.
extension BackendStatus {
  /// Above this a server takes no more, however many requests wait: what it uses tells no demand.
  private static let full = 0.95

  /// The spread to be expected under the weights that are to be written: the present one where
  /// nothing is; `nil` when nothing is used.
  package var expectedSpread: Double? {
    guard !changes.isEmpty else { return spread }
    let serving = servers.filter { $0.state == .up && $0.reckoning?.measured != nil }
    let factors = shareFactors
    let cores = serving.map { expectedCores(of: $0, factors[$0.name] ?? 1) }
    var news: [HostName: Double] = [:]
    for (server, cores) in zip(serving, cores) {
      guard let host = server.match.container?.host else { continue }
      news[host, default: 0] += cores - (server.cpuCores ?? 0)
    }
    let levels = zip(serving, cores).compactMap { server, cores -> Double? in
      guard let load = server.reckoning?.measured, load.limitCores > 0 else { return nil }
      let own = cores / load.limitCores
      guard let size = load.hostCores, let used = load.hostCoresUsed, size > 0,
        let host = server.match.container?.host
      else { return own }
      return max(own, (used + (news[host] ?? 0)) / size)
    }
    guard let worst = levels.max(), worst > 0 else { return nil }
    return worst * Double(levels.count) / levels.reduce(0, +)
  }

  /// By what each server's share is multiplied, on average over the balancers that have it.
  private var shareFactors: [ServerName: Double] {
    var factors: [ServerName: [Double]] = [:]
    let taking = servers.filter(\.state.takesTraffic)
    for balancer in Set(taking.flatMap { $0.weights.map(\.balancer) }) {
      let weights = taking.compactMap { server -> (name: ServerName, old: Double, new: Double)? in
        guard let weight = server.weights.first(where: { $0.balancer == balancer }) else {
          return nil
        }
        let change = changes.first { $0.server == server.name && $0.balancer == balancer }
        return (
          server.name, Double(weight.standing.value), Double((change?.new ?? weight.standing).value)
        )
      }
      let (old, new) = (weights.reduce(0) { $0 + $1.old }, weights.reduce(0) { $0 + $1.new })
      guard old > 0, new > 0 else { continue }
      for weight in weights where weight.old > 0 {
        factors[weight.name, default: []].append(weight.new / new * old / weight.old)
      }
    }
    return factors.mapValues { $0.reduce(0, +) / Double($0.count) }
  }

  private func expectedCores(of server: ServerStatus, _ factor: Double) -> Double {
    let measured = (server.cpuCores ?? 0) * factor
    guard server.utilisation?.value ?? 0 >= Self.full, let cost = server.costPerRequest,
      let demandPerSecond
    else { return measured }
    return max(measured, server.share * factor * demandPerSecond * cost)
  }
}
