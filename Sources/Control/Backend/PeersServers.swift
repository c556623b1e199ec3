internal import Balancing

/// Finds our servers among those that peers tell of: by address and port, as two HAProxys may call one
/// server differently; by name where either has no address.
///
/// The same name with another address is another server, and counts for nobody here.
package struct PeersServers: Hashable, Codable, Sendable {
  private struct Place: Hashable, Codable, Sendable {
    var address: String
    var port: Int?

    init?(_ server: ServerReading) {
      guard let address = server.address else { return nil }
      (self.address, port) = (address, server.port)
    }

    /// Where one has no port, the address alone can tell.
    func isOther(than place: Place) -> Bool {
      address != place.address || (port != nil && place.port != nil && port != place.port)
    }
  }

  /// Ours, with the places that are known.
  private var places: [ServerName: Place?] = [:]
  private var names: [Place: ServerName] = [:]

  package init() {}

  /// - Parameter own: the servers of our own balancers.
  package init(_ own: some Sequence<ServerReading>) {
    for server in own {
      let place = Place(server)
      if places[server.name] == nil || place != nil { places[server.name] = .some(place) }
      if let place, names[place] == nil { names[place] = server.name }
    }
  }

  /// What we call a peer's server; `nil` of one that we do not have.
  private func name(of server: ServerReading) -> ServerName? {
    let theirs = Place(server)
    guard let ours = places[server.name] else { return theirs.flatMap { names[$0] } }
    guard let theirs, let ours, ours.isOther(than: theirs) else { return server.name }
    return names[theirs]
  }

  /// Whether a server that a peer tells of is one of ours.
  package func isOurs(_ server: ServerReading) -> Bool { name(of: server) != nil }

  /// A peer's servers under our names, those that are one put together; before ours are known they keep
  /// their own.
  func own(_ servers: [ServerReading]) -> [ServerReading] {
    var found: [ServerReading] = []
    var positions: [ServerName: Int] = [:]
    for server in servers {
      guard let name = places.isEmpty ? server.name : name(of: server) else { continue }
      var server = server
      server.name = name
      if let position = positions[name] {
        found[position].add(server)
      } else {
        positions[name] = found.count
        found.append(server)
      }
    }
    return found
  }
}

extension ServerReading {
  /// Adds what another of the peer's balancers counted of the same server.
  fileprivate mutating func add(_ other: ServerReading) {
    requests.arrived += other.requests.arrived
    requests.done += other.requests.done
    requests.failed += other.requests.failed
    requests.inFlight += other.requests.inFlight
    requests.open += other.requests.open
    requests.tried += other.requests.tried
    requests.tunnelled += other.requests.tunnelled
    disbeliefs += other.disbeliefs
    if queued != nil || other.queued != nil { queued = (queued ?? 0) + (other.queued ?? 0) }
    if other.state == .up { state = .up }
    let rates = [lesson, other.lesson].map { $0?.requestsPerSecond }
    lesson = lesson ?? other.lesson
    // Of one whose rate is not known the sum is not either.
    lesson?.requestsPerSecond =
      rates.contains(nil) ? nil : rates.compactMap(\.self).reduce(0, +)
  }
}
