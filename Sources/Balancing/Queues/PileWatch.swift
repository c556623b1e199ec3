/// Where requests pile up as they do not at peers, nor usually there, and since when.
///
/// What was a pile remains one, for a while, until it is gone or requests are quick again: with less
/// traffic fewer wait, and each as long as before. But open connections that only linger look the
/// same; so after a while a pile of few is given traffic again, and must show itself anew.
///
/// Such a server is never given more, whatever its CPU says, and what it answers is taken for all
/// that it can do. One that is always slower than its peers is not held back by it, or each small
/// correction downward would last for ever.
struct PileWatch: Hashable, Codable, Sendable {
  private var began: [ServerName: Timestamp] = [:]

  /// - Parameters:
  ///   - servers: those that are held against each other.
  ///   - others: of whom is not asked; what piled up at any that is not named is no pile any more.
  /// - Returns: for each of the servers the requests that pile up; `nil` where none do.
  mutating func find(
    among servers: [ServerView], besides others: [ServerView] = [], in tick: Tick
  ) -> [Double?] {
    let backlogs = servers.map { tick.counts[$0.server.name]?.backlog ?? Backlog() }
    let stays = PeerValues(backlogs.map(\.stayByArrivals.seconds))
    let piles = backlogs.enumerated().map { index, backlog in
      stays.median(without: index).flatMap { peers in
        backlog.pile(beside: peers, isStill: isStill(servers[index], in: tick))
      }
    }
    var now: [ServerName: Timestamp] = [:]
    for view in others { now[view.server.name] = began[view.server.name] }
    for (view, pile) in zip(servers, piles) {
      let name = view.server.name
      now[name] = pile.map { _ in began[name] ?? tick.now }
    }
    began = now
    return piles
  }

  /// Whether a few requests are enough to call it a pile still.
  private func isStill(_ view: ServerView, in tick: Tick) -> Bool {
    began[view.server.name].map {
      tick.now.seconds(since: $0) <= CapacityConstants.evidenceSeconds
    } ?? false
  }

  /// Forgets a server whose name has become another's.
  mutating func forget(_ server: ServerName) { began[server] = nil }
}
