package import Balancing

/// Which container a server is, by which rule.
package enum Match: Hashable, Codable, Sendable {
  case container(ContainerKey, Rule)
  /// No rule answered.
  case none
  /// A rule answered more than once.
  case ambiguous([ContainerKey], Rule)
  /// The only container that fits is another server's as well, so its load cannot be told apart.
  case shared(ContainerKey, with: ServerName)

  package enum Rule: String, Hashable, Codable, Sendable {
    case label, template, alias, address
  }

  package var container: ContainerKey? {
    if case .container(let key, _) = self { key } else { nil }
  }
}

/// One container of one host.
package struct ContainerKey: Hashable, Codable, Sendable, Comparable {
  package var host: HostName
  package var id: String
  /// The name that a person knows it by.
  package var alias: String

  package static func < (left: Self, right: Self) -> Bool {
    (left.host.text, left.alias, left.id) < (right.host.text, right.alias, right.id)
  }
}

/// Finds each server's container: the first rule that answers wins.
package struct Matcher: Sendable {
  private let rules: MatchingRules

  package init(_ rules: MatchingRules) { self.rules = rules }

  package func match(
    _ servers: [(name: ServerName, address: String?)], in hosts: [HostName: HostTrack]
  ) -> [ServerName: Match] {
    let index = Index(hosts: hosts, rules: rules)
    var matches: [ServerName: Match] = [:]
    for server in servers { matches[server.name] = index.match(server.name, server.address) }
    return withoutSharedContainers(matches)
  }

  private func withoutSharedContainers(_ matches: [ServerName: Match]) -> [ServerName: Match] {
    var owners: [ContainerKey: [ServerName]] = [:]
    for (server, match) in matches {
      if let container = match.container { owners[container, default: []].append(server) }
    }
    var result = matches
    for (container, servers) in owners where servers.count > 1 {
      let sorted = servers.sorted()
      for server in sorted {
        let other = sorted.first { $0 != server } ?? server
        result[server] = .shared(container, with: other)
      }
    }
    return result
  }
}

/// The containers, by what each rule looks at.
private struct Index {
  private var byLabel: [String: [ContainerKey]] = [:]
  private var byTemplate: [String: [ContainerKey]] = [:]
  private var byAlias: [String: [ContainerKey]] = [:]
  private var byAddress: [String: [ContainerKey]] = [:]

  init(hosts: [HostName: HostTrack], rules: MatchingRules) {
    for (host, track) in hosts {
      var ofPattern: [ContainerKey] = []
      for (id, container) in track.containers {
        let identity = container.identity
        let key = ContainerKey(host: host, id: id, alias: identity.aliases.first ?? id)
        if let label = rules.label, let server = identity.labels[label] {
          byLabel[server, default: []].append(key)
        }
        var fits = false
        for alias in identity.aliases {
          guard let groups = rules.pattern.groups(atStartOf: alias) else { continue }
          byAlias[alias, default: []].append(key)
          // The first alias is the container's name; the rest are ids.
          guard !fits else { continue }
          fits = true
          if let server = rules.template?.filled(
            groups: groups, alias: alias, host: host, labels: identity.labels)
          {
            byTemplate[server, default: []].append(key)
          }
        }
        if fits { ofPattern.append(key) }
      }
      if rules.byAddress {
        for address in track.addresses { byAddress[address, default: []] += ofPattern }
      }
    }
  }

  func match(_ server: ServerName, _ address: String?) -> Match {
    let answers: [(Match.Rule, [ContainerKey]?)] = [
      (.label, byLabel[server.text]),
      (.template, byTemplate[server.text]),
      (.alias, byAlias[server.text]),
      (.address, address.flatMap { byAddress[$0] }),
    ]
    for case (let rule, let found?) in answers where !found.isEmpty {
      if found.count == 1, let only = found.first { return .container(only, rule) }
      return .ambiguous(found.sorted(), rule)
    }
    return .none
  }
}

extension ServerTemplate {
  /// The server's name for one container; `nil` when a part has nothing to fill it.
  package func filled(
    groups: [String?], alias: String, host: HostName, labels: [String: String]
  ) -> String? {
    var name = ""
    for part in parts {
      let text: String? =
        switch part {
        case .literal(let text): text
        case .group(let number): groups.indices.contains(number) ? groups[number] : nil
        case .alias: alias
        case .host: host.text
        case .label(let key): labels[key]
        }
      guard let text else { return nil }
      name += text
    }
    return name
  }
}
