import FoundationEssentials
import TestSupport
import Testing

@testable import Balancing

/// What a run goes on from that an earlier one has learned.
@Suite struct RestartTests {
  /// Two servers without quotas, each on a host of 4 cores; on one of them neighbours take 2.
  private func cluster() -> FluidCluster {
    var cluster = FluidCluster(quotas: [4, 4], load: 0.4)
    cluster.hosts["h2"] = FluidCluster.Host(cores: 4)
    cluster.servers[1].host = "h2"
    for index in cluster.servers.indices { cluster.servers[index].quota = nil }
    cluster.hosts["h1"]?.neighbours = 2
    return cluster
  }

  /// The first server's share at the end of an hour, and then the farthest from it in the five minutes
  /// after a restart, as a part of it.
  private func drift(_ change: (inout LearnedCosts) -> Void) -> Double {
    var cluster = cluster()
    var strategy = CapacityAlone()
    for _ in 0..<360 { _ = cluster.tick(&strategy) }
    func share() -> Double {
      Double(cluster.servers[0].weight) / Double(cluster.servers.reduce(0) { $0 + $1.weight })
    }
    let before = share()
    var learned = strategy.learned
    change(&learned)
    // What was read before is gone as well.
    for index in cluster.servers.indices { cluster.servers[index].samples = [] }
    for host in cluster.hosts.keys { cluster.hosts[host]?.samples = [] }
    strategy = CapacityAlone()
    strategy.resume(learned, at: cluster.now)
    var most = 0.0
    for _ in 0..<30 {
      _ = cluster.tick(&strategy)
      most = max(most, abs(share() / before - 1))
    }
    return most
  }

  @Test func `neighbours that stay are not doubted anew`() {
    #expect(drift { _ in } < 0.05)
    // A version that did not keep them.
    #expect(drift { $0.neighbours = nil } > 0.1)
  }

  @Test func `neighbours that come and go are reckoned with at once`() throws {
    var cluster = cluster()
    var strategy = CapacityAlone()
    for tick in 0..<360 {
      cluster.hosts["h1"]?.neighbours = (tick / 3).isMultiple(of: 2) ? 0 : 2
      _ = cluster.tick(&strategy)
    }
    let states = try #require(strategy.learned.neighbours?["h1"])
    #expect(states.differ)
    #expect(strategy.learned.neighbours?["h2"]?.differ == false)
    var load = NeighbourLoad(resuming: states)
    #expect(load.now == nil && load.part(lag: 10) == 0)
    load = NeighbourLoad(resuming: NeighbourForecast.States())
    #expect(load.states.seconds == 0)
  }

  @Test(arguments: [
    #"{"seconds":-1,"parts":0,"exponentials":1}"#,
    #"{"seconds":1e300,"parts":1,"exponentials":1}"#,
    #"{"seconds":60,"parts":1e9,"exponentials":60}"#,
    #"{"seconds":60,"parts":30,"exponentials":0}"#,
  ]) func `what cannot be is not gone on with`(json: String) throws {
    let states = try JSONDecoder().decode(NeighbourForecast.States.self, from: Data(json.utf8))
    #expect(NeighbourLoad(resuming: states).states.seconds == 0)
  }
}
