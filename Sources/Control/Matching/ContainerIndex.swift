package import Balancing

/// The containers, by what each rule looks at.
///
/// A container that is listed twice counts once, be it on one host (under its id) or on two that are one
/// machine, and fits by what either says of it: a runtime's id is no other's anywhere.
struct ContainerIndex {
  private var byLabel: [String: [ContainerKey]] = [:]
  private var byTemplate: [String: [ContainerKey]] = [:]
  private var byAlias: [String: [ContainerKey]] = [:]
  private var byAddress: [String: [ContainerKey]] = [:]
  /// Those that have an address of their own, which tells more than that of their host.
  private var byOwnAddress: [String: [ContainerKey]] = [:]
  /// The hosts that are this machine, where all HAProxys are on it.
  private var here: Set<HostName> = []
  private let isAwaiting: Bool

  /// - Parameters:
  ///   - fits: what the rules see on each host.
  ///   - isAwaiting: whether a host that tells its containers' addresses was never read.
  ///   - haveTwins: whether some of the hosts are one machine.
  init(
    hosts: [HostName: HostTrack], fits: [HostName: HostFits], rules: MatchingRules,
    isAwaiting: Bool, haveTwins: Bool
  ) {
    self.isAwaiting = isAwaiting
    if rules.isBalancedHere { here = Set(hosts.filter(\.value.isHere).keys) }
    let hosts = SameMachines.inOrder(hosts)
    let owners = haveTwins ? owners(hosts) : [:]
    for (host, track) in hosts {
      var ofPattern: [ContainerKey] = []
      for container in fits[host]?.containers ?? [] {
        // One host's own two entries stay two.
        let owner = container.runtimeID.flatMap { owners[$0] }
        let key = owner.flatMap { $0.host == host ? nil : $0 } ?? container.key
        if let server = container.label { byLabel[server, default: []].append(key) }
        for alias in container.aliases { byAlias[alias, default: []].append(key) }
        if let server = container.template { byTemplate[server, default: []].append(key) }
        for address in container.addresses { byOwnAddress[address, default: []].append(key) }
        if container.isOfPattern { ofPattern.append(key) }
      }
      if rules.byAddress {
        for address in track.addresses { byAddress[address, default: []] += ofPattern }
      }
    }
  }

  /// The containers by what their runtime calls them: of one that several hosts list, that of the first.
  private mutating func owners(
    _ hosts: [(key: HostName, value: HostTrack)]
  ) -> [String: ContainerKey] {
    var owners: [String: ContainerKey] = [:]
    for (host, track) in hosts {
      for (id, container) in track.containers where container.twin == nil {
        guard let runtimeID = container.identity.runtimeID(in: id) else { continue }
        guard let owner = owners[runtimeID] else {
          owners[runtimeID] = ContainerKey(
            host: host, id: id, alias: container.identity.aliases.first ?? id)
          continue
        }
        // What is here is so by whatever name it is used.
        if owner.host != host, here.contains(host) { here.insert(owner.host) }
      }
    }
    return owners
  }

  func match(_ server: ServerName, _ address: String?) -> Match {
    let answers: [(Match.Rule, [ContainerKey]?)] = [
      (.label, byLabel[server.text]),
      (.template, byTemplate[server.text]),
      (.alias, byAlias[server.text]),
    ]
    for case (let rule, let found?) in answers where !found.isEmpty {
      return Self.match(found, rule)
    }
    guard let address else { return .none }
    return ownMatch(of: address) ?? byAddress[address].map { Self.match($0, .address) } ?? .none
  }

  private static func match(_ found: [ContainerKey], _ rule: Match.Rule) -> Match {
    let distinct = found.count > 1 ? Set(found).sorted() : found
    guard let first = distinct.first else { return .none }
    return distinct.count == 1 ? .container(first, rule) : .ambiguous(distinct, rule)
  }

  /// The container that has an address of its own. On every host there are the same ones on bridges,
  /// which lead to whom the HAProxy's own machine has.
  private func ownMatch(of address: String) -> Match? {
    guard let found = byOwnAddress[address], !found.isEmpty else { return nil }
    let ours = found.filter { here.contains($0.host) }
    if !ours.isEmpty { return Self.match(ours, .address) }
    let match = Self.match(found, .address)
    guard isAwaiting, PrivateAddress.isPrivate(address), let only = match.container else {
      return match
    }
    return .ambiguous([only], .address)
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
