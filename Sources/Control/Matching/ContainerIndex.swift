package import Balancing

/// The containers, by what each rule looks at.
///
/// A container that is listed twice counts once, be it on one host or on two that are one machine: a
/// runtime's id is no other's anywhere. One that `docker compose run` made has the labels
/// of the service that it is beside: it fits by its name alone.
struct ContainerIndex {
  private var byLabel: [String: [ContainerKey]] = [:]
  private var byTemplate: [String: [ContainerKey]] = [:]
  private var byAlias: [String: [ContainerKey]] = [:]
  private var byAddress: [String: [ContainerKey]] = [:]
  /// Those that have an address of their own, which tells more than that of their host.
  private var byOwnAddress: [String: [ContainerKey]] = [:]

  init(hosts: [HostName: HostTrack], rules: MatchingRules) {
    var runtimeIDs = Set<String>()
    for (host, track) in hosts.sorted(by: { $0.key < $1.key }) {
      var ofPattern: [ContainerKey] = []
      for (id, container) in track.containers where container.twin == nil {
        let identity = container.identity
        if let id = identity.runtimeID, !runtimeIDs.insert(id).inserted { continue }
        let key = ContainerKey(host: host, id: id, alias: identity.aliases.first ?? id)
        if !identity.isOneOff, let label = rules.label, let server = identity.labels[label] {
          byLabel[server, default: []].append(key)
        }
        var fits = false
        for alias in identity.aliases {
          guard let groups = rules.pattern.groups(atStartOf: alias) else { continue }
          byAlias[alias, default: []].append(key)
          // The first alias is the container's name; the rest are ids.
          guard !fits else { continue }
          fits = true
          if !identity.isOneOff,
            let server = rules.template?.filled(
              groups: groups, alias: alias, host: host, labels: identity.labels)
          {
            byTemplate[server, default: []].append(key)
          }
        }
        guard fits, !identity.isOneOff else { continue }
        ofPattern.append(key)
        guard rules.byAddress else { continue }
        for address in identity.addresses { byOwnAddress[address, default: []].append(key) }
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
      (.address, address.flatMap { byOwnAddress[$0] ?? byAddress[$0] }),
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
