package import Balancing

/// All that is written down of one run, for its measures and its plot.
package struct RunRecord: Sendable {
  package var scenario: Scenario
  package var strategy: SimulatedStrategy
  package var seed: UInt64
  package var servers: [ServerName]
  /// One entry a second of simulated time, the first at second 1.
  package var seconds: [Second] = []
  /// Each request, in the order of its end.
  package var requests: [RequestOutcome] = []
  /// One entry for each weight written by the strategy.
  package var writes: [WeightWritten] = []
  /// The weights at the end, by balancer and server.
  package var finalWeights: [[Int]] = []

  package init(
    scenario: Scenario, strategy: SimulatedStrategy, seed: UInt64, servers: [ServerName]
  ) {
    self.scenario = scenario
    self.strategy = strategy
    self.seed = seed
    self.servers = servers
  }

  /// The truth of one second, by server in the order of `servers`.
  package struct Second: Hashable, Sendable {
    /// The utilisation of the second: the fullest of quota and host, 0…1.
    package var utilisation: [Double]
    /// The weights that stood at its end, on the first balancer.
    package var weights: [Int]
    /// Whether the server was up and not drained the whole second, so that it counts for the spread.
    package var isServing: [Bool]
    /// Requests that came to the balancers.
    package var arrived: Int

    package init(utilisation: [Double], weights: [Int], isServing: [Bool], arrived: Int = 0) {
      self.utilisation = utilisation
      self.weights = weights
      self.isServing = isServing
      self.arrived = arrived
    }
  }

  /// How one request ended.
  package struct RequestOutcome: Hashable, Sendable {
    package var endedAtSeconds: Float
    /// From its arrival at the balancer.
    package var latencySeconds: Float
    package var hasFailed: Bool

    package init(endedAtSeconds: Float, latencySeconds: Float, hasFailed: Bool) {
      self.endedAtSeconds = endedAtSeconds
      self.latencySeconds = latencySeconds
      self.hasFailed = hasFailed
    }
  }

  package struct WeightWritten: Hashable, Sendable {
    package var atSeconds: Double
    package var server: Int
    package var weight: Int

    package init(atSeconds: Double, server: Int, weight: Int) {
      self.atSeconds = atSeconds
      self.server = server
      self.weight = weight
    }
  }
}

/// What sets the weights in a run.
package enum SimulatedStrategy: String, CaseIterable, Hashable, Sendable {
  case equal, leastconn, random4
  case halfway2015 = "halfway-2015"
  case halfway, orca, pid, capacity
  case capacityOnLeastconn = "capacity+leastconn"
  case capacityOnRandom4 = "capacity+random4"
  case oracle
}
