internal import Balancing

/// What a backend's rules see in the containers of one host: the same until one of these comes, goes or
/// changes its names.
struct HostFits: Sendable {
  struct Container: Sendable {
    var key: ContainerKey
    /// Its own, which no other has anywhere.
    var runtimeID: String?
    /// The server that its label names.
    var label: String?
    /// The server that the template makes of it.
    var template: String?
    /// Those of its names that the pattern fits.
    var aliases: [String]
    /// Its own, where it may be found by address.
    var addresses: Set<String> = []
    /// Whether it may be found by its host's address, or by its own.
    var isOfPattern: Bool
  }

  private(set) var containers: [Container] = []

  init(_ host: HostName, _ track: HostTrack, _ rules: MatchingRules) {
    for (id, container) in track.containers where container.twin == nil {
      let identity = container.identity
      // The first alias is the container's name; the rest are ids.
      var named: (alias: String, groups: [String?])?
      var aliases: [String] = []
      for alias in identity.aliases {
        guard let groups = rules.pattern.groups(atStartOf: alias) else { continue }
        named = named ?? (alias, groups)
        aliases.append(alias)
      }
      // One that `docker compose run` made has the labels of the service that it is beside: it fits by its
      // name alone.
      let label = identity.isOneOff ? nil : rules.label.flatMap { identity.labels[$0] }
      guard !aliases.isEmpty || label != nil else { continue }
      let isOfPattern = !aliases.isEmpty && !identity.isOneOff
      var found = Container(
        key: ContainerKey(host: host, id: id, alias: identity.aliases.first ?? id),
        runtimeID: identity.runtimeID(in: id), label: label, aliases: aliases,
        isOfPattern: isOfPattern)
      if isOfPattern, let named {
        found.template = rules.template?.filled(
          groups: named.groups, alias: named.alias, host: host, labels: identity.labels)
      }
      if isOfPattern, rules.byAddress { found.addresses = identity.addresses }
      containers.append(found)
    }
  }
}
