internal import Balancing

/// For servers without a container, the ones that would fit under a slightly other name.
///
/// What tools put around names is tried: `249662c60a09_shop-web-1` and `shop-web-1-910a2a037ba5`
/// are `shop-web-1` with something at one end, `shop_web_1` is the same in another generation. For
/// telling people only; nothing is matched by it.
struct NearestContainers {
  private(set) var keys: [ServerName: ContainerKey] = [:]

  /// Bounds what a name costs, however many parts it has.
  private static let mostParts = 3

  /// - Parameter taken: the containers of other servers.
  init(
    to servers: Set<ServerName>, in hosts: [HostName: HostTrack], rules: MatchingRules,
    except taken: Set<ContainerKey>
  ) {
    for host in hosts.keys.sorted() {
      guard let containers = hosts[host]?.containers else { continue }
      for (id, container) in containers where container.twin == nil {
        let identity = container.identity
        guard let alias = identity.aliases.first, !identity.isOneOff else { continue }
        let key = ContainerKey(host: host, id: id, alias: alias)
        guard !taken.contains(key) else { continue }
        for name in Self.variants(of: alias) {
          for fit in Self.servers(name, host, identity, rules) where servers.contains(fit) {
            // The same for whatever order the containers come in.
            keys[fit] = min(keys[fit] ?? key, key)
          }
        }
      }
    }
  }

  /// The servers that a container would be, were this its name.
  private static func servers(
    _ name: String, _ host: HostName, _ identity: ContainerIdentity, _ rules: MatchingRules
  ) -> [ServerName] {
    guard let groups = rules.pattern.groups(atStartOf: name) else { return [] }
    let filled = rules.template?.filled(
      groups: groups, alias: name, host: host, labels: identity.labels)
    return [ServerName(name)] + (filled.map { [ServerName($0)] } ?? [])
  }

  /// The name less its first parts, less its last, and with the other separator.
  private static func variants(of alias: String) -> [String] {
    var variants: [String] = []
    var rest = Substring(alias)
    while variants.count < mostParts, let separator = rest.firstIndex(where: "_-.".contains) {
      rest = rest[rest.index(after: separator)...]
      variants.append(String(rest))
    }
    if let separator = alias.lastIndex(where: "_-.".contains) {
      variants.append(String(alias[..<separator]))
    }
    for (one, other) in [("_", "-"), ("-", "_")] where alias.contains(one) {
      variants.append(alias.replacing(one, with: other))
    }
    return variants.filter { !$0.isEmpty }
  }
}
