internal import Names

/// The addresses that an endpoint's machine has: those of its name.
package final class EndpointAddresses: Sendable {
  private let host: String
  private let isWanted: Bool
  private let resolver: NameResolver
  private let patience: Duration

  /// - Parameters:
  ///   - isWanted: whether any backend matches by address; else nothing is asked.
  ///   - patience: how long a name may take whose addresses are not known.
  init(host: String, isWanted: Bool, resolver: NameResolver, patience: Duration) {
    self.host = host
    self.isWanted = isWanted
    self.resolver = resolver
    self.patience = patience
  }

  /// The addresses, its name among them; while nobody tells them, what was known before.
  package func current() async -> Set<String> {
    guard isWanted else { return [] }
    let addresses = (try? await resolver.addresses(of: host, within: patience)) ?? []
    return Set(addresses + [host])
  }
}
