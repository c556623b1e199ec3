import ArgumentParser
import Balancing
import Control
import FoundationEssentials
import TestSupport

/// Runs the control loop over a cluster in memory in which everything flaps; memory and descriptors
/// must stay flat. `packaging/endurance` is how to start it.
@main struct EnduranceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evenkeel-endure", abstract: "Runs many ticks with peers that flap.")

  @Option(help: "How many ticks.")
  var ticks = 100_000

  @Option(help: "Chooses who flaps, and how.")
  var seed: UInt64 = 1

  /// What the second half of the ticks may add, in KiB: a tenth of a byte a tick would be too much
  /// already, but the allocator keeps what it had at the worst moment.
  private static let mostKibibytes = 2_048

  func run() async throws {
    let cluster = FakeCluster(
      servers: (1...12).map { number in
        FakeCluster.Server(
          ServerName("shop-\(number)"), host: HostName("web\(number % 3 + 1)"),
          quotaCores: 0.1 * Double(number % 4 + 1))
      }, demand: ["lb1": 60, "lb2": 30])
    var flapping = Flapping(cluster: cluster, generator: SeededGenerator(seed: seed))
    var controller = cluster.controller()
    var looks: [Look] = []
    print("| ticks | weights written | resident | descriptors |\n|---|---|---|---|")
    var written = 0
    for tick in 1...max(10, ticks) {
      flapping.step()
      let report = await controller.tick()
      for case .weightChanged in report.events { written += 1 }
      cluster.advance(by: 10)
      guard tick.isMultiple(of: max(1, ticks / 10)) else { continue }
      let look = try Look.now()
      looks.append(look)
      print("| \(tick) | \(written) | \(look.kibibytes) KiB | \(look.descriptors) |")
    }
    guard let end = looks.last, looks.count > 1 else { throw ExitCode.failure }
    let middle = looks[looks.count / 2 - 1]
    guard end.kibibytes - middle.kibibytes <= Self.mostKibibytes,
      end.descriptors == middle.descriptors
    else {
      print("memory or descriptors grew in the second half")
      throw ExitCode.failure
    }
  }
}

/// What the process holds.
private struct Look {
  var kibibytes: Int
  var descriptors: Int

  static func now() throws -> Look {
    let status = try String(contentsOf: URL(filePath: "/proc/self/status"), encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
    return Look(
      kibibytes: line.split(separator: " ").compactMap { Int($0) }.first ?? 0,
      descriptors: try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count)
  }
}

/// Lets endpoints, balancers, servers and other writers come and go.
private struct Flapping {
  let cluster: FakeCluster
  var generator: SeededGenerator

  private static let states: [ServerState] = [
    .up, .up, .up, .up, .drain, .maintenance, .down, .ramping, .backup, .unresolved, .zeroWeight,
  ]

  mutating func step() {
    // A copy, since the cluster's lock lets nothing else be written meanwhile.
    var random = generator
    let snapshot = cluster.snapshot
    let server = random.whole(0...(snapshot.servers.count - 1))
    let balancer: BalancerName = random.chance(0.5) ? "lb1" : "lb2"
    let host = snapshot.servers[server].host
    let fails = random.chance(0.4)
    let weight = random.whole(1...256)
    switch random.whole(0...8) {
    case 0: cluster.change { $0.endpointFailures[host] = fails ? Self.failure : nil }
    case 1: cluster.change { $0.balancers[balancer]?.failure = fails ? Self.failure : nil }
    case 2: cluster.change { $0.balancers[balancer]?.writeFailure = fails ? Self.failure : nil }
    case 3: cluster.change { $0.balancers[balancer]?.lacksBackend = fails }
    case 4: cluster.change { $0.servers[server].isListed = !fails }
    case 5: cluster.change { $0.servers[server].isFrozen = fails }
    case 6:
      let state = Self.states[random.whole(0...(Self.states.count - 1))]
      cluster.change { $0.servers[server].state = state }
    case 7: if fails { cluster.reload(balancer) }
    default:
      if fails { cluster.setWeight(weight, of: snapshot.servers[server].name, on: balancer) }
    }
    generator = random
  }

  private static let failure = PortFailure(.timedOut, "no answer within 5.0 s")
}
