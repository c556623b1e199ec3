package import Balancing

/// Which address each server of a backend has: a slot's name is no identity, its address is.
package struct AddressBook: Codable, Sendable {
  private var addresses: [ServerName: String] = [:]

  package init() {}

  /// Takes in the servers of a tick; one without an address now keeps the one that it had.
  ///
  /// - Returns: those that have become others.
  package mutating func update(_ servers: [BackendServers.Server]) -> [ServerName] {
    var current: [ServerName: String] = [:]
    var changed: [ServerName] = []
    for server in servers {
      let before = addresses[server.name]
      current[server.name] = server.address ?? before
      if let before, let now = server.address, now != before { changed.append(server.name) }
    }
    // While no balancer can be read nobody has moved.
    if !servers.isEmpty { addresses = current }
    return changed
  }
}
