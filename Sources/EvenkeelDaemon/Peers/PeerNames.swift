internal import Balancing
internal import Names

/// Peers that are listed by names: of a name with several addresses each is a peer.
struct PeerNames: Sendable {
  let listed: [PeerConfiguration]
  private let resolver: NameResolver
  /// How long a name that nothing is known of is waited for.
  private let patience: Duration

  init(_ listed: [PeerConfiguration], resolver: NameResolver, patience: Duration) {
    self.listed = listed
    self.resolver = resolver
    self.patience = patience
  }

  /// The peers that there are now, none under two entries.
  ///
  /// - Parameter known: those of before, which stay where a name cannot be looked up.
  func members(knowing known: [PeerConfiguration]) async -> [PeerConfiguration] {
    let found = await addresses()
    var members: [PeerConfiguration] = []
    var names = Set<BalancerName>()
    for (entry, addresses) in zip(listed, found) {
      let before = known.filter { $0.listedAs == entry.name }
      let now =
        addresses.map { entry.members(at: Self.family(of: $0)) }
        ?? (before.isEmpty ? [entry] : before)
      for member in now where names.insert(member.name).inserted { members.append(member) }
    }
    return members
  }

  /// By entry; `nil` where nothing was found out.
  private func addresses() async -> [[String]?] {
    await withTaskGroup(of: Answer.self) { group in
      for (index, entry) in listed.enumerated() {
        guard let host = entry.host else { continue }
        group.addTask {
          Answer(index: index, addresses: try? await resolver.addresses(of: host, within: patience))
        }
      }
      var found = [[String]?](repeating: nil, count: listed.count)
      for await answer in group where found.indices.contains(answer.index) {
        found[answer.index] = answer.addresses
      }
      return found
    }
  }

  private struct Answer: Sendable {
    var index: Int
    var addresses: [String]?
  }

  /// A machine has often one address of each kind, and may listen on one of them alone: several of one
  /// kind are several machines.
  private static func family(of addresses: [String]) -> [String] {
    let (sixes, fours) = (
      addresses.filter { $0.contains(":") }, addresses.filter { !$0.contains(":") }
    )
    return fours.count >= sixes.count ? fours : sixes
  }
}

extension PeerConfiguration {
  /// What is to be looked up; `nil` of a socket or an address.
  fileprivate var host: String? {
    guard !isNear, let url = try? EndpointURL(url), !SystemResolver.isAddress(url.host) else {
      return nil
    }
    return url.host
  }

  /// Itself where there is one address; else one for each.
  fileprivate func members(at addresses: [String]) -> [PeerConfiguration] {
    guard addresses.count > 1, let url = try? EndpointURL(url) else { return [self] }
    return addresses.sorted().map { address in
      let host = address.contains(":") ? "[\(address)]" : address
      var member = PeerConfiguration(
        name: BalancerName("\(host):\(url.port)\(url.path)"), url: self.url)
      (member.tokenFile, member.caFile) = (tokenFile, caFile)
      (member.address, member.listedAs) = (address, name)
      return member
    }
  }
}
