import Balancing
import Control
import EvenkeelDaemon
import TestSupport

extension FuzzTarget {
  private static let tokens = [
    "\"shop\"", "\"shop-1\"", "\"lb1\"", "\"cost\":", "\"cpuSeconds\":", "\"requests\":",
    "\"perSecond\":", "\"squared\":", "\"version\":1", "\"tick\":", "\"weights\":", "\"servers\":",
  ]

  /// What the daemon learned: read, written and read again it is the same, and what follows from it
  /// are weights.
  static func learnedState() async throws -> FuzzTarget {
    let file = StateFile.learned(in: "")
    var corpus = try Corpus.written(for: "state-learned")
    corpus.append(try file.encode(await experience().learned, now: FakeCluster.start))
    return FuzzTarget("state-learned", corpus: corpus, tokens: tokens) { bytes in
      guard let learned = try? file.content(of: bytes) else { return }
      let again = try file.content(of: file.encode(learned, now: FakeCluster.start))
      try require(again == learned, "written and read again it is another")
      let cluster = cluster()
      var controller = cluster.controller(learned: learned)
      try await work(&controller, in: cluster)
    }
  }

  /// All that `once` hands on: what is read can be gone on from.
  static func onceState() async throws -> FuzzTarget {
    let file = StateFile.once(in: "")
    let (state, samples) = await experience().everything
    let once = OnceState(state: state, samples: samples)
    let corpus = [try file.encode(once, now: FakeCluster.start)]
    return FuzzTarget("state-once", corpus: corpus, tokens: tokens) { bytes in
      guard let once = try? file.content(of: bytes) else { return }
      let again = try file.content(of: file.encode(once, now: FakeCluster.start))
      try require(
        file.encode(again, now: FakeCluster.start) == file.encode(once, now: FakeCluster.start),
        "written and read again it is another")
      let cluster = cluster()
      var controller = cluster.controller(state: once.state, samples: once.samples)
      try await work(&controller, in: cluster)
    }
  }

  private static func cluster() -> FakeCluster {
    FakeCluster(
      servers: [.init("shop-1", quotaCores: 0.2), .init("shop-2", quotaCores: 0.4)],
      demand: ["lb1": 30])
  }

  /// A controller that knows a little cluster.
  private static func experience() async -> FleetController {
    let cluster = cluster()
    var controller = cluster.controller()
    for _ in 0..<3 {
      _ = await controller.tick()
      cluster.advance(by: 10)
    }
    return controller
  }

  private static func work(
    _ controller: inout FleetController, in cluster: FakeCluster
  ) async throws {
    for _ in 0..<3 {
      _ = await controller.tick()
      cluster.advance(by: 10)
    }
    let weights = cluster.snapshot.balancers.values.flatMap(\.weights.values)
    try require(weights.allSatisfy { $0.value > 0 }, "a server without any weight")
  }
}
