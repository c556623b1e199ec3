import Balancing
import Control
import Synchronization

/// A balancer to which something happens between the first reading that leads to a write and that
/// write.
final class Interruption: Balancer {
  private let balancer: any Balancer
  private let happen: @Sendable () async throws -> Void
  private let hasHappened = Atomic<Bool>(false)

  init(_ balancer: any Balancer, _ happen: @escaping @Sendable () async throws -> Void) {
    self.balancer = balancer
    self.happen = happen
  }

  var name: BalancerName { balancer.name }

  func read(_ backends: [BackendName]) async throws(PortFailure) -> BalancerReading {
    try await balancer.read(backends)
  }

  func write(_ writes: [WeightWrite], to process: ProcessIdentity) async throws(PortFailure)
    -> [WriteOutcome]
  {
    if !hasHappened.exchange(true, ordering: .relaxed) {
      do {
        try await happen()
      } catch {
        throw PortFailure(.cancelled, "the interruption failed: \(error)")
      }
    }
    return try await balancer.write(writes, to: process)
  }
}
