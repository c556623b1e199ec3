package import Balancing

/// What containers that serve several backends were counted to do for all of them together.
///
/// Their CPU cannot be told apart by backend. Held against the requests of one alone, each would take
/// the other's for dearer ones of its own, and the two would push the same containers to and fro.
package struct ContainerWork: Sendable {
  /// The counters of one container; `nil` while a part of them is not known.
  package struct Shared: Sendable {
    package var counters: RequestCounters?
  }

  private var byContainer: [ContainerKey: Shared] = [:]

  /// - Parameter backends: which container each server is, and what was counted of it.
  package init(
    _ backends: [(matches: [ServerName: Match], counters: [ServerName: RequestCounters]?)]
  ) {
    var parts: [ContainerKey: [RequestCounters?]] = [:]
    for backend in backends {
      for (server, match) in backend.matches {
        guard let container = match.container else { continue }
        parts[container, default: []].append(backend.counters?[server])
      }
    }
    for (container, counters) in parts where counters.count > 1 {
      let known = counters.compactMap(\.self)
      let isKnown = known.count == counters.count
      byContainer[container] = Shared(counters: isKnown ? RequestCounters(sum: known) : nil)
    }
  }

  /// `nil` for a container that serves one backend alone.
  package subscript(container: ContainerKey) -> Shared? { byContainer[container] }
}

extension RequestCounters {
  fileprivate init(sum parts: [RequestCounters]) {
    self.init(
      arrived: parts.reduce(0) { $0 + $1.arrived }, done: parts.reduce(0) { $0 + $1.done },
      failed: parts.reduce(0) { $0 + $1.failed }, inFlight: parts.reduce(0) { $0 + $1.inFlight },
      open: parts.reduce(0) { $0 + $1.open }, tried: parts.reduce(0) { $0 + $1.tried })
  }
}
