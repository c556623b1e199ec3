package import Balancing

/// What somebody wants left alone for a while: all backends, one, or a server of one.
///
/// A value on the steady clock: orders in, what ended out.
package struct Brake: Hashable, Sendable {
  package enum Scope: Hashable, Sendable {
    case all
    case backend(BackendName)
    case server(BackendName, ServerName)
  }

  package struct Pause: Hashable, Sendable {
    package var since: Timestamp
    /// `nil` for one that lasts until somebody ends it.
    package var until: Timestamp?
    /// The user who wanted it.
    package var by: String
    /// Whether HAProxy's own weights were put back for it.
    package var isRestored: Bool

    package init(since: Timestamp, until: Timestamp?, by: String, isRestored: Bool = false) {
      self.since = since
      self.until = until
      self.by = by
      self.isRestored = isRestored
    }
  }

  package private(set) var pauses: [Scope: Pause] = [:]

  package init() {}

  /// A pause in the place of the one that the same has.
  package mutating func pause(_ scope: Scope, _ pause: Pause) { pauses[scope] = pause }

  /// Ends a pause, and those of all that is within.
  ///
  /// - Returns: what ended, in order.
  package mutating func resume(_ scope: Scope) -> [Scope] {
    end { $0.isWithin(scope) }
  }

  /// Ends what is due.
  ///
  /// - Returns: what ended, in order.
  package mutating func end(at now: Timestamp) -> [Scope] {
    let due = pauses.filter { $0.value.until.map { $0 <= now } ?? false }
    return end { due[$0] != nil }
  }

  /// Forgets backends that are configured no longer.
  package mutating func keepOnly(_ backends: Set<BackendName>) {
    pauses = pauses.filter { $0.key.backend.map(backends.contains) ?? true }
  }

  /// The pause that holds all of a backend: of its own and that of all, the one that lasts longer.
  package func pause(of backend: BackendName) -> Pause? {
    guard let own = pauses[.backend(backend)] else { return pauses[.all] }
    guard let all = pauses[.all], let end = own.until else { return own }
    return all.until.map { $0 > end } ?? true ? all : own
  }

  /// What holds for one backend.
  package func share(of backend: BackendName) -> Share {
    Share(
      isPaused: pause(of: backend) != nil,
      servers: Set(
        pauses.keys.compactMap { scope in
          if case .server(backend, let server) = scope { server } else { nil }
        }))
  }

  /// What is left alone of one backend.
  package struct Share: Hashable, Sendable {
    package var isPaused = false
    package var servers: Set<ServerName> = []

    package init(isPaused: Bool = false, servers: Set<ServerName> = []) {
      self.isPaused = isPaused
      self.servers = servers
    }

    package func holds(_ server: ServerName) -> Bool { isPaused || servers.contains(server) }
  }

  private mutating func end(where isMeant: (Scope) -> Bool) -> [Scope] {
    let ended = pauses.keys.filter(isMeant).sorted { $0.description < $1.description }
    for scope in ended { pauses[scope] = nil }
    return ended
  }
}

extension Brake.Scope {
  package var backend: BackendName? {
    switch self {
    case .all: nil
    case .backend(let backend), .server(let backend, _): backend
    }
  }

  package var server: ServerName? {
    if case .server(_, let server) = self { server } else { nil }
  }

  fileprivate func isWithin(_ other: Brake.Scope) -> Bool {
    switch other {
    case .all: true
    case .backend(let backend): self.backend == backend
    case .server: self == other
    }
  }
}

extension Brake.Scope: CustomStringConvertible {
  package var description: String {
    switch self {
    case .all: "all backends"
    case .backend(let backend): "\(backend)"
    case .server(let backend, let server): "\(backend)/\(server)"
    }
  }
}
