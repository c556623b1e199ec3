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

  package init(
    id: String, name: String, labels: [String: String] = [:], addresses: Set<String> = [],
    usesHostNetwork: Bool = false
  ) {
    self.id = id
    self.name = name
    self.labels = labels
    self.addresses = addresses
    self.usesHostNetwork = usesHostNetwork
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
      usesHostNetwork: HostConfig?.NetworkMode == "host")
  }
}
