package import Balancing

/// Which container a server is, by which rule.
package enum Match: Hashable, Codable, Sendable {
  case container(ContainerKey, Rule)
  /// No rule answered.
  case none
  /// No rule answered; this container would fit but for something at the ends of its name.
  case near(ContainerKey)
  /// A rule answered more than once; or once, by an address that an unread host may have as well.
  case ambiguous([ContainerKey], Rule)
  /// The only container that fits is another server's as well, so its load cannot be told apart.
  case shared(ContainerKey, with: ServerName)

  package enum Rule: String, Hashable, Codable, Sendable {
    case label, template, alias, address
  }

  package var container: ContainerKey? {
    if case .container(let key, _) = self { key } else { nil }
  }

  /// All that it is about.
  var containers: [ContainerKey] {
    switch self {
    case .container(let key, _), .shared(let key, _): [key]
    case .ambiguous(let keys, _): keys
    case .none, .near: []
    }
  }

  /// The rule that found it; `nil` where there is none.
  package var rule: Rule? {
    if case .container(_, let rule) = self { rule } else { nil }
  }
}

/// One container of one host.
package struct ContainerKey: Hashable, Codable, Sendable, Comparable {
  package var host: HostName
  package var id: String
  /// The name that a person knows it by.
  package var alias: String

  package init(host: HostName, id: String, alias: String) {
    self.host = host
    self.id = id
    self.alias = alias
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.host.text, left.alias, left.id) < (right.host.text, right.alias, right.id)
  }
}

/// Finds each server's container: the first rule that answers wins.
package struct Matcher: Sendable {
  private let rules: MatchingRules
  /// What the rules saw on each host, and in which inventory.
  private var seen: [HostName: (version: Int, fits: HostFits)] = [:]
  private var nearest: Nearest?

  /// What was found for servers without a container: for telling people, so not found anew for every
  /// container that comes or goes somewhere.
  private struct Nearest {
    var servers: Set<ServerName>
    /// The containers of other servers.
    var taken: Set<ContainerKey>
    /// Of the inventory.
    var version: Int
    var at: Timestamp
    var keys: [ServerName: ContainerKey]

    func holds(in version: Int, at now: Timestamp) -> Bool {
      version == self.version || (0..<Self.seconds).contains(now.seconds(since: at))
    }

    private static let seconds = 60.0
  }

  package init(_ rules: MatchingRules) { self.rules = rules }

  /// - Parameter isAwaiting: whether a host that tells its containers' addresses was never read.
  package func match(
    _ servers: [(name: ServerName, address: String?)], in hosts: [HostName: HostTrack],
    isAwaiting: Bool = false
  ) -> [ServerName: Match] {
    var fresh = Matcher(rules)
    return fresh.match(
      servers,
      in: SampleView(hosts: hosts, inventoryVersion: 0, sameMachines: SameMachines(hosts)),
      isAwaiting: isAwaiting, at: Timestamp(nanoseconds: 0))
  }

  /// The same, with a look at those hosts alone whose containers are others than before.
  package mutating func match(
    _ servers: [(name: ServerName, address: String?)], in samples: SampleView,
    isAwaiting: Bool = false, at now: Timestamp
  ) -> [ServerName: Match] {
    seen = seen.filter { samples.hosts[$0.key] != nil }
    for (host, track) in samples.hosts {
      let version = samples.inventoryVersions[host] ?? 0
      guard seen[host]?.version != version else { continue }
      seen[host] = (version, HostFits(host, track, rules))
    }
    let index = ContainerIndex(
      hosts: samples.hosts, fits: seen.mapValues(\.fits), rules: rules, isAwaiting: isAwaiting,
      haveTwins: !samples.sameMachines.used.isEmpty)
    var found: [ServerName: Match] = [:]
    for server in servers { found[server.name] = index.match(server.name, server.address) }
    let matches = withoutSharedContainers(found, in: samples.hosts)
    let without = Set(matches.filter { $0.value == .none }.keys)
    let taken = Set(matches.values.compactMap(\.container))
    if nearest?.servers != without || nearest?.taken != taken
      || nearest?.holds(in: samples.inventoryVersion, at: now) != true
    {
      nearest = Nearest(
        servers: without, taken: taken, version: samples.inventoryVersion, at: now,
        keys: without.isEmpty
          ? [:]
          : NearestContainers(to: without, in: samples.hosts, rules: rules, except: taken).keys)
    }
    let near = (nearest?.keys ?? [:]).filter { _, key in
      samples.hosts[key.host]?.containers[key.id]?.identity.aliases.first == key.alias
        && !taken.contains(key)
    }
    return matches.merging(near.mapValues(Match.near)) { $1 }
  }

  /// Whether what nearly fits was looked for in another inventory, and a while ago.
  package func wantsAnotherLook(in samples: SampleView, at now: Timestamp) -> Bool {
    nearest.map { !$0.servers.isEmpty && !$0.holds(in: samples.inventoryVersion, at: now) } ?? false
  }

  /// A machine as a whole may be several servers'; a container may not.
  private func withoutSharedContainers(
    _ matches: [ServerName: Match], in hosts: [HostName: HostTrack]
  ) -> [ServerName: Match] {
    var owners: [ContainerKey: [ServerName]] = [:]
    for (server, match) in matches {
      if let container = match.container { owners[container, default: []].append(server) }
    }
    var result = matches
    for (container, servers) in owners where servers.count > 1 {
      guard hosts[container.host]?.containers[container.id]?.isWholeHost != true else { continue }
      let sorted = servers.sorted()
      for server in sorted {
        let other = sorted.first { $0 != server } ?? server
        result[server] = .shared(container, with: other)
      }
    }
    return result
  }
}
