package import Balancing

/// The hosts that are one machine under several names, by the containers that they list: what a
/// runtime calls a container is no other's anywhere.
package struct SameMachines: Equatable, Sendable {
  /// By host, the one that is used in its place.
  package private(set) var used: [HostName: HostName] = [:]

  package init() {}

  package init(_ hosts: [HostName: HostTrack]) {
    guard hosts.count > 1 else { return }
    var owners: [String: HostName] = [:]
    for (host, track) in Self.inOrder(hosts) {
      for (id, container) in track.containers {
        guard let id = container.identity.runtimeID(in: id) else { continue }
        if let owner = owners[id] {
          if owner != host { used[host] = owner }
        } else {
          owners[id] = host
        }
      }
    }
  }

  /// What is said of an entry that is the same machine as another one.
  package static func sentence(_ other: HostName) -> String {
    "is the same machine as \(other), so its containers count once; list it, or let it be found, under "
      + "one name"
  }

  /// The hosts in the order in which a container that several list is the one's or the other's: those
  /// that answer first.
  static func inOrder(
    _ hosts: [HostName: HostTrack]
  ) -> [(key: HostName, value: HostTrack)] {
    hosts.sorted { left, right in
      left.value.isSilent == right.value.isSilent
        ? left.key < right.key : right.value.isSilent
    }
  }
}
