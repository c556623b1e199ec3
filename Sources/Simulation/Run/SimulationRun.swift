internal import Balancing
internal import Control

/// One scenario, steered by one strategy, with one seed.
package struct SimulationRun: Sendable {
  private let scenario: Scenario
  private let strategy: SimulatedStrategy
  private let seed: UInt64

  package init(scenario: Scenario, strategy: SimulatedStrategy, seed: UInt64) {
    self.scenario = scenario
    self.strategy = strategy
    self.seed = seed
  }

  /// Runs it to its end, or until its task is cancelled.
  ///
  /// - Parameter log: takes down what the daemon said at each tick, where one steers.
  package func run(log: RunLog? = nil) async -> RunRecord {
    let cluster = Cluster(strategy.played(in: scenario), seed: seed)
    var random = SeededRandom(seed: seed &+ 1)
    var steerings = strategy.steerings(of: cluster, log: log, &random).map {
      (at: $0.firstTick, steering: $0)
    }
    while !Task.isCancelled {
      let next = steerings.indices.min { steerings[$0].at < steerings[$1].at }
      guard let next, steerings[next].at < scenario.durationSeconds else { break }
      await Self.advance(cluster, to: steerings[next].at)
      steerings[next].at += await steerings[next].steering.tick()
    }
    await Self.advance(cluster, to: scenario.durationSeconds)
    var record = RunRecord(
      scenario: scenario, strategy: strategy, seed: seed, servers: scenario.servers.map(\.name))
    let written = cluster.written
    record.seconds = written.seconds
    record.requests = written.requests
    record.writes = written.writes
    record.finalWeights = cluster.weights
    return record
  }

  /// Lets time pass in steps, between which others have their turn and a cancellation is heard.
  private static func advance(_ cluster: Cluster, to end: Double) async {
    while cluster.seconds < end, !Task.isCancelled {
      cluster.advance(to: min(end, cluster.seconds + 10))
      await Task.yield()
    }
  }
}

extension SimulatedStrategy {
  /// The scenario under HAProxy's algorithm, where the strategy is one.
  fileprivate func played(in scenario: Scenario) -> Scenario {
    var scenario = scenario
    for index in scenario.balancers.indices {
      switch self {
      case .leastconn, .capacityOnLeastconn: scenario.balancers[index].algorithm = .leastconn
      case .random4, .capacityOnRandom4:
        scenario.balancers[index].algorithm = .random
        scenario.balancers[index].draws = 4
      case .equal, .halfway2015, .halfway, .orca, .pid, .capacity, .oracle: break
      }
    }
    return scenario
  }

  fileprivate func steerings(
    of cluster: Cluster, log: RunLog?, _ random: inout SeededRandom
  ) -> [any Steering] {
    let interval = cluster.scenario.intervalSeconds
    let balancers = cluster.balancers
    switch self {
    case .equal, .leastconn, .random4:
      return []
    case .halfway2015:
      return balancers.map { Script2015(cluster.endpoints, $0) }
    case .halfway, .capacity, .capacityOnLeastconn, .capacityOnRandom4:
      let kind: BackendSettings.StrategyKind = self == .halfway ? .halfway : .capacity
      let groups =
        cluster.scenario.daemons == .one ? [balancers] : balancers.map { [$0] }
      let board = cluster.scenario.daemons == .peers ? PeerBoard(cluster) : nil
      return groups.enumerated().map { index, group in
        let own = group.map(\.name)
        let others = balancers.map(\.name).filter { !own.contains($0) }
        let peers = board.map { board in
          own.first.map { reader in others.map { board.peer($0, toldTo: reader) } } ?? []
        }
        return DaemonSteering(
          cluster, strategy: kind, balancers: group, peers: peers ?? [], board: board,
          interval: interval,
          // Daemons that do not know of each other do not tick together.
          firstTick: index == 0 ? 0 : random.unit() * min(1, interval), log: log)
      }
    case .orca:
      return balancers.map { Orca(cluster.endpoints, $0) }
    case .pid:
      return balancers.map { PIDControl(cluster.endpoints, $0, interval: interval) }
    case .oracle:
      return balancers.map { Oracle(cluster, $0) }
    }
  }
}
