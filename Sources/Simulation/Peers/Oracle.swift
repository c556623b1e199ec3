internal import Balancing
internal import Control

/// Knows every cost, limit, neighbour and the demand, and sets the level weights each second.
///
/// What no controller can be: the measure of the others. It does not look at queues.
struct Oracle: Steering {
  let firstTick = 0.0
  private static let updateSeconds = 1.0

  private let cluster: Cluster
  private let balancer: any Balancer

  init(_ cluster: Cluster, _ balancer: any Balancer) {
    self.cluster = cluster
    self.balancer = balancer
  }

  mutating func tick() async -> Double {
    let truth = cluster.truth
    let serving = truth.servers.filter(\.serves)
    let leveller = Leveller(
      servers: serving.map {
        Leveller.Server(
          cost: $0.cost, limitCores: $0.limitCores, queueCores: $0.baseCores, host: $0.host)
      },
      hosts: truth.hosts.mapValues {
        Leveller.Host(cores: $0.cores, neighbourCores: $0.neighbourCores)
      })
    guard truth.requestsPerSecond > 0,
      let solution = leveller.solve(demand: truth.requestsPerSecond),
      let reading = try? await balancer.read([]),
      let (name, backend) = reading.backends.first
    else { return Self.updateSeconds }
    let standing = Dictionary(
      backend.servers.map { ($0.name, $0.weight) }, uniquingKeysWith: { first, _ in first })
    let weights = WeightRounding.free(solution.rates, bounds: .standard)
    let writes = zip(serving, weights).compactMap { server, weight -> WeightWrite? in
      guard standing[server.name] != weight else { return nil }
      return WeightWrite(backend: name, server: server.name, weight: weight)
    }
    if !writes.isEmpty { _ = try? await balancer.write(writes, to: reading.process) }
    return Self.updateSeconds
  }
}
