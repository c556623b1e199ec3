import Synchronization

/// One of the six servers: what it costs to answer a request, and how long it takes here.
final class VirtualServer: Sendable {
  /// What can be read off a server at a moment.
  struct Reading: Equatable, Sendable {
    /// CPU time used since the demo began.
    var cpuNanoseconds: UInt64
    /// Requests answered since the demo began.
    var served: Int
  }

  private struct State {
    var processor: VirtualProcessor
    var generator: SeededGenerator
    var served = 0
  }

  let description: Cluster.Server
  private let costs: LogNormal
  private let clock: DemoClock
  private let state: Mutex<State>

  init(_ description: Cluster.Server, costs: LogNormal, seed: UInt64, clock: DemoClock) {
    self.description = description
    self.costs = costs
    self.clock = clock
    state = Mutex(
      State(
        processor: VirtualProcessor(quotaCores: description.quotaCores),
        generator: SeededGenerator(seed: seed)))
  }

  /// Takes a request and returns when it is worked off.
  ///
  /// - Throws: `CancellationError`; the work is done all the same, as on a real server.
  func serve() async throws {
    let done = state.withLock { state in
      let cost = costs.draw(using: &state.generator)
      return state.processor.accept(costSeconds: cost, at: clock.now)
    }
    try await clock.sleep(until: done)
    state.withLock { $0.served += 1 }
  }

  /// What has been used and served at this moment.
  func read() -> Reading {
    state.withLock { state in
      let used = state.processor.cpuNanoseconds(at: clock.now)
      return Reading(cpuNanoseconds: used, served: state.served)
    }
  }
}
