/// A running container as `GET /containers/json` lists it.
package struct ListedContainer: Equatable, Sendable {
  package var id: String
  /// Without the slash that Docker puts before it; the shortest, as links have longer ones.
  package var name: String
  package var labels: [String: String]
  /// Its addresses in all networks that it has one in.
  package var addresses: Set<String>
  /// Whether it has no network of its own, and so its host's addresses.
  package var usesHostNetwork: Bool
  /// The container, by id or name, whose network it is in instead of one of its own.
  package var networkOf: String?

  package init(
    id: String, name: String, labels: [String: String] = [:], addresses: Set<String> = [],
    usesHostNetwork: Bool = false, networkOf: String? = nil
  ) {
    self.id = id
    self.name = name
    self.labels = labels
    self.addresses = addresses
    self.usesHostNetwork = usesHostNetwork
    self.networkOf = networkOf
  }
}

/// The running containers of a host.
package struct ContainerList: Equatable, Sendable {
  package var containers: [ListedContainer]
  /// How many more there are that cannot be read.
  package var unreadable: Int

  package init(containers: [ListedContainer], unreadable: Int = 0) {
    self.containers = containers
    self.unreadable = unreadable
  }

  /// Its own, or those of the container whose network it is in: it is not told which of the two serves.
  package func addresses(of container: ListedContainer) -> Set<String> {
    guard let other = container.networkOf else { return container.addresses }
    let owner = containers.first { $0.id == other || $0.name == other }
    return container.addresses.union(owner?.addresses ?? [])
  }
}

/// As it comes over the wire; of a container without an id nothing is of use.
struct ListedWire: Decodable {
  var Id: String?
  var Names: [String]?
  var Labels: [String: String]?
  var HostConfig: Host?
  var NetworkSettings: Settings?

  struct Host: Decodable { var NetworkMode: String? }
  struct Settings: Decodable { var Networks: [String: Network?]? }
  struct Network: Decodable {
    var IPAddress: String?
    var GlobalIPv6Address: String?
  }

  var container: ListedContainer? {
    guard let id = Id, !id.isEmpty else { return nil }
    let names = (Names ?? []).map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }
    let networks = (NetworkSettings?.Networks ?? [:]).values.compactMap(\.self)
    let addresses = networks.flatMap { [$0.IPAddress, $0.GlobalIPv6Address] }
    return ListedContainer(
      id: id, name: names.filter { !$0.isEmpty }.min { ($0.count, $0) < ($1.count, $1) } ?? id,
      labels: Labels ?? [:], addresses: Set(addresses.compactMap(\.self).filter { !$0.isEmpty }),
      usesHostNetwork: HostConfig?.NetworkMode == "host",
      networkOf: HostConfig?.NetworkMode.flatMap { mode in
        mode.hasPrefix("container:") ? String(mode.dropFirst("container:".count)) : nil
      })
  }
}
