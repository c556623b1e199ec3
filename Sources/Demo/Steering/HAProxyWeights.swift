import HAProxy
import NIOPosix

/// Reads the weights of the demo's servers from the HAProxy at a socket, by the servers' names.
@Sendable
func weightsInHAProxy(at socketPath: String) async throws -> [String: Int] {
  let client = RuntimeClient(
    address: .unix(path: socketPath), group: MultiThreadedEventLoopGroup.singleton)
  let servers = try await client.read(backends: [Cluster.backend]).backends[Cluster.backend]?
    .servers
  return Dictionary((servers ?? []).map { ($0.name, $0.currentWeight) }) { first, _ in first }
}
