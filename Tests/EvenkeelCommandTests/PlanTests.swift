import FoundationEssentials
import HAProxyTestSupport
import Subprocess
import Testing

@testable import Demo

/// `evenkeel plan` on a real HAProxy, with servers of unequal quotas, a load, and what cAdvisor says.
@Suite(.serialized, .timeLimit(.minutes(2))) struct PlanTests {
  private static let quotas = ["shop-1": 0.1, "shop-2": 0.2, "shop-3": 0.4]

  /// At this load equal shares would fill the smallest server by two thirds. The demo's HAProxy balances by
  /// `random(4)`, which evens out part of that by itself: the spread is 1.2 to 1.25.
  private static let cluster = Cluster(
    hosts: [Cluster.Host(name: "host-a", cores: 4)],
    servers: quotas.sorted { $0.key < $1.key }.map {
      Cluster.Server(name: $0.key, host: "host-a", quotaCores: $0.value)
    },
    meanCostSeconds: 0.004, costVariation: 0.3, load: 0.3)

  /// As `plan --json` prints it.
  private struct Printed: Decodable {
    struct Promise: Decodable {
      var writes: Int
      var spread: Double?
      var expectedSpread: Double?
      var missing: String?
      var sentence: String
    }
    struct Backend: Decodable {
      struct Server: Decodable {
        struct Weight: Decodable {
          var standing: Int
          var wanted: Int
          var reason: String?
        }
        var name: String
        var weights: [Weight]
      }
      var mode: String
      var servers: [Server]
    }
    var promises: [Promise]
    var backends: [Backend]

    init(_ text: String) throws {
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      self = try decoder.decode(Printed.self, from: Data(text.utf8))
    }
  }

  /// Runs a command with the cluster's configuration, then reads HAProxy's weights.
  private static func run(
    _ arguments: [String], mode: DaemonConfiguration.Mode = .control, underLoad: Bool = true
  ) async throws -> (outcome: Program.Outcome, weights: [String: Int]) {
    try await withTemporaryFolder { folder in
      let clock = DemoClock()
      let stage = Stage(
        cluster: VirtualCluster(cluster, clock: clock), peer: VirtualCluster(cluster, clock: clock),
        haproxyProgram: try HAProxyProgram.find(nil, environment: [:]),
        parentFolder: folder, farewell: "")
      return try await stage.run { running in
        let file = "\(running.folder)/config.json"
        try DaemonConfiguration(
          mode: mode, endpoints: running.endpoints, socketPath: running.socketPath,
          statusPort: running.statusPort
        ).write(to: file)
        return try await withThrowingTaskGroup(of: Void.self) { load in
          if underLoad {
            load.addTask {
              await LoadGenerator(
                client: running.client, url: running.url,
                requestsPerSecond: cluster.requestsPerSecond, seed: 1, clock: clock,
                ledger: Ledger()
              ).run()
            }
          }
          defer { load.cancelAll() }
          let outcome = try await Program.run(
            list: arguments + ["--config", file],
            environment: ["STATE_DIRECTORY": "\(folder)/state"])
          return (outcome, try await weightsInHAProxy(at: running.socketPath))
        }
      }
    }
  }

  @Test func `three quotas under load are three weights in their order, and none is written`()
    async throws
  {
    let (outcome, weights) = try await Self.run(["plan", "--json"])
    #expect(outcome.exitCode == 0, "\(outcome)")
    let printed = try Printed(outcome.output)
    let promise = try #require(printed.promises.first)
    #expect(printed.promises.count == 1)
    #expect(promise.writes == 3 && promise.missing == nil, "\(promise)")
    let (spread, expected) = (try #require(promise.spread), try #require(promise.expectedSpread))
    #expect(spread > 1.1 && expected < 1.1, "\(promise)")
    let backend = try #require(printed.backends.first)
    #expect(backend.mode == "control")
    let wanted = Dictionary(
      backend.servers.map { ($0.name, $0.weights.first?.wanted ?? 0) }, uniquingKeysWith: { $1 })
    #expect(
      wanted.sorted { $0.value < $1.value }.map(\.key) == ["shop-1", "shop-2", "shop-3"],
      "\(wanted)")
    for server in backend.servers {
      let reason = try #require(server.weights.first?.reason)
      #expect(reason.hasPrefix("share "), "\(reason)")
    }
    #expect(Set(weights.values) == [100], "it only plans: \(weights)")
  }

  @Test func `the last line is the promise, and the mode is the true one`() async throws {
    let (control, _) = try await Self.run(["plan"])
    #expect(control.exitCode == 0, "\(control)")
    #expect(control.output.contains("backend shop (control)"))
    let line = try #require(control.output.split(separator: "\n").last)
    let form = /would write 3 weights; expected spread \d\.\d\d → \d\.\d\d/
    #expect(line.wholeMatch(of: form) != nil, "\(line)")
    let (observe, _) = try await Self.run(["plan"], mode: .observe)
    #expect(observe.exitCode == 0, "\(observe)")
    #expect(observe.output.contains("backend shop (observe)"))
    #expect(observe.output.contains("would write 3 weights in mode control (the mode is observe)"))
  }

  @Test func `one look is no plan, and it says what is missing and what helps`() async throws {
    let (outcome, _) = try await Self.run(["plan", "--window", "1s"])
    #expect(outcome.exitCode == 1, "\(outcome)")
    let line = try #require(outcome.output.split(separator: "\n").last)
    #expect(line.hasPrefix("no plan: "), "\(line)")
    #expect(line.contains("shop-1, shop-2, shop-3: only one sample of its container so far"))
    #expect(line.hasSuffix("look longer: --window 1m"))
  }

  @Test func `without requests there is no plan, and a load is asked for`() async throws {
    let (outcome, _) = try await Self.run(["plan", "--window", "4s"], underLoad: false)
    #expect(outcome.exitCode == 1, "\(outcome)")
    let line = try #require(outcome.output.split(separator: "\n").last)
    #expect(line.hasPrefix("no plan: "), "\(line)")
    #expect(line.contains("load"), "\(line)")
  }
}
