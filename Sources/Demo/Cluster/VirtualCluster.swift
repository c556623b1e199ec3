/// All servers of the demo, as they run.
struct VirtualCluster: Sendable {
  let description: Cluster
  let clock: DemoClock
  let servers: [VirtualServer]

  init(_ description: Cluster, clock: DemoClock) {
    self.description = description
    self.clock = clock
    let costs = LogNormal(mean: description.meanCostSeconds, variation: description.costVariation)
    servers = description.servers.enumerated().map { index, server in
      VirtualServer(server, costs: costs, seed: UInt64(index + 1), clock: clock)
    }
  }

  /// The servers on one host.
  func servers(on host: Cluster.Host) -> [VirtualServer] {
    servers.filter { $0.description.host == host.name }
  }
}
