internal import Balancing
internal import Control

/// What is remembered of one backend from tick to tick, so that a verdict can say since when, and
/// that what was known last is not lost with what told it. On the steady clock.
struct StandingWatch: Sendable {
  /// Figures that are older say nothing of a server that is read every tick.
  private static let longestSeconds = 3600.0

  private(set) var state: (state: Verdict.State, since: Timestamp)?
  /// Since when its spread is higher than it should be; `nil` while it is not.
  private(set) var unevenSince: Timestamp?
  /// The last tick that read its servers.
  private var rows: (servers: [ServerStatus], at: Timestamp)?
  /// The last figures of each server that had none in that tick.
  private var figures: [ServerName: (server: ServerStatus, at: Timestamp)] = [:]

  mutating func see(_ backend: BackendStatus, at moment: Timestamp) {
    unevenSince = backend.isUneven ? unevenSince ?? moment : nil
    guard !backend.servers.isEmpty else { return }
    let unseen = Set(backend.servers.lazy.filter { $0.utilisation == nil }.map(\.name))
    remember(unseen, at: moment)
    rows = (backend.servers, moment)
  }

  /// Keeps what the ticks before knew of servers that have no figures now, and no more: nearly all have.
  private mutating func remember(_ unseen: Set<ServerName>, at moment: Timestamp) {
    if let rows, !unseen.isEmpty {
      for server in rows.servers where server.utilisation != nil && unseen.contains(server.name) {
        figures[server.name] = (server, rows.at)
      }
    }
    figures = figures.filter {
      unseen.contains($0.key) && moment.seconds(since: $0.value.at) < Self.longestSeconds
    }
  }

  mutating func judge(_ verdict: Verdict, at moment: Timestamp) {
    if state?.state != verdict.state { state = (verdict.state, moment) }
  }

  /// When its servers were read; `nil` while they were in the last tick.
  func lastKnown(of backend: BackendStatus) -> Timestamp? {
    backend.servers.isEmpty ? rows?.at : nil
  }

  /// The servers of a backend as far as they are known, each with the time of its figures where they
  /// are not the last tick's.
  func servers(of backend: BackendStatus) -> [(server: ServerStatus, at: Timestamp?)] {
    guard !backend.servers.isEmpty else {
      return (rows?.servers ?? []).map { ($0, rows?.at) }
    }
    return backend.servers.map { server in
      guard server.utilisation == nil, server.isUnseen, let last = figures[server.name] else {
        return (server, nil)
      }
      var known = server
      known.utilisation = last.server.utilisation
      known.cpuCores = last.server.cpuCores
      known.costPerRequest = known.costPerRequest ?? last.server.costPerRequest
      return (known, last.at)
    }
  }
}

extension BackendStatus {
  /// Whether its spread is worth a word, where it can be helped.
  fileprivate var isUneven: Bool {
    guard let spread, spread > VerdictThresholds.Spread.most else { return false }
    let fullest = servers.filter { $0.state == .up }.compactMap { $0.utilisation?.value }.max() ?? 0
    return fullest >= VerdictThresholds.Spread.leastUtilisation
  }
}

extension ServerStatus {
  /// Whether it is there, and only who tells its load is not.
  fileprivate var isUnseen: Bool {
    switch condition {
    case .held(.stale), .held(.noRate): true
    default: false
    }
  }
}
