internal import Balancing
package import Control

/// The one line that `systemctl status` shows.
package enum StatusLine {
  package static func text(for snapshot: Snapshot) -> String {
    var parts = snapshot.backends.map(backend)
    let deaf = snapshot.endpoints.filter { $0.failure != nil }
    if let first = deaf.first {
      parts.append(
        "no answer from \(deaf.count) of \(snapshot.endpoints.count) cAdvisors "
          + "(\(first.name)\(deaf.count > 1 ? ", …" : ""))")
    }
    for balancer in snapshot.balancers {
      if let failure = balancer.failure { parts.append(failure.description) }
    }
    return parts.joined(separator: "; ")
  }

  private static func backend(_ backend: BackendStatus) -> String {
    let verb = backend.mode == .observe ? "observing" : "steering"
    guard backend.condition == .steering else {
      return "\(backend.name): \(backend.condition)"
    }
    let live = backend.servers.filter { $0.condition == .live }.count
    let servers = backend.servers.count { !$0.isEmptySlot }
    let spread = backend.spread.map { ", spread \(decimal($0, 2))" } ?? ""
    let rule = backend.isFallingBack ? " by halfway, as sessions do not end," : ""
    return "\(backend.name): \(verb)\(rule) \(live) of \(servers) servers\(spread)"
  }
}
