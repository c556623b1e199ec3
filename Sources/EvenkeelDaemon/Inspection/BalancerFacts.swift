internal import Balancing
internal import Control
internal import Deadlines
internal import HAProxy
internal import NIOCore

/// What one HAProxy shows beside what every tick reads: for whoever sets evenkeel up.
struct BalancerFacts: Sendable {
  /// What the socket may do; `nil` where it does not say.
  var level: AccessLevel?
  /// All of its backends by name, in its order; `nil` where it does not list them.
  var names: [String]?
  /// Where the servers of each backend are: addresses with ports.
  var addresses: [String: Set<String>] = [:]

  /// More than these are not looked into.
  private static let mostBackends = 200

  static func read(
    _ client: RuntimeClient, within deadline: Duration, clock: any Clock<Duration>
  ) async -> BalancerFacts {
    var facts = BalancerFacts()
    facts.level = try? await withDeadline(
      after: deadline, clock: clock, operation: { try await client.accessLevel() })
    facts.names = try? await withDeadline(
      after: deadline, clock: clock, operation: { try await client.listBackends() })
    let looked = Array((facts.names ?? []).prefix(mostBackends))
    guard !looked.isEmpty else { return facts }
    let reading = try? await withDeadline(
      after: deadline, clock: clock, operation: { try await client.read(backends: looked) })
    for (name, backend) in reading?.backends ?? [:] {
      facts.addresses[name] = Set(
        backend.servers.compactMap { server in
          guard let address = server.address, let port = server.port else { return nil }
          return "\(address) \(port)"
        })
    }
    return facts
  }

  /// Other backends with a server at the same address and port.
  func sisters(of backend: BackendName) -> [String] {
    let own = addresses[backend.text] ?? []
    return (names ?? []).filter { name in
      name != backend.text && !(addresses[name] ?? []).isDisjoint(with: own)
    }
  }
}
