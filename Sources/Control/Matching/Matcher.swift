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

  package init(_ rules: MatchingRules) { self.rules = rules }

  /// - Parameter isAwaiting: whether a host that tells its containers' addresses was never read.
  package func match(
    _ servers: [(name: ServerName, address: String?)], in hosts: [HostName: HostTrack],
    isAwaiting: Bool = false
  ) -> [ServerName: Match] {
    let index = ContainerIndex(hosts: hosts, rules: rules, isAwaiting: isAwaiting)
    var matches: [ServerName: Match] = [:]
    for server in servers { matches[server.name] = index.match(server.name, server.address) }
    return withNearest(withoutSharedContainers(matches, in: hosts), in: hosts)
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

  private func withNearest(
    _ matches: [ServerName: Match], in hosts: [HostName: HostTrack]
  ) -> [ServerName: Match] {
    let without = matches.filter { $0.value == .none }.keys
    guard !without.isEmpty else { return matches }
    let nearest = NearestContainers(
      to: Set(without), in: hosts, rules: rules,
      except: Set(matches.values.compactMap(\.container)))
    return matches.merging(nearest.keys.mapValues(Match.near)) { $1 }
  }
}
