/// Requests that pile up at a server as they do not at its peers, nor usually at itself, by HAProxy's
/// word alone: a disk or a database behind it may be slow while its CPU idles, and CPU samples may be
/// half a minute old.
///
/// What was a pile remains one, for a while, until it is gone or requests are quick again: with less
/// traffic fewer wait, and each as long as before. But open connections that only linger look the
/// same; so after a while a pile of few is given traffic again, and must show itself anew.
///
/// Such a server is never given more, whatever its CPU says, and what it answers is taken for all
/// that it can do. One that is always slower than its peers is not held back by it, or each small
/// correction downward would last for ever.
struct PileUp: Hashable, Sendable {
  /// Requests in flight beyond what is usual.
  var excess: Double

  /// - Parameter servers: how long requests stay, and whether they piled up before.
  /// - Returns: for each server its pile; `nil` where there is none.
  static func find(_ servers: [(stay: Sojourn, isPile: Bool)]) -> [PileUp?] {
    let stays = PeerValues(servers.map(\.stay.seconds))
    return servers.enumerated().map { index, server in
      guard let usual = stays.median(without: index) else { return nil }
      return server.stay.excess(
        besidePeers: usual, own: server.stay.ownSeconds ?? usual, isPile: server.isPile
      ).map(PileUp.init)
    }
  }
}

/// Where requests pile up, and since when.
struct PileWatch: Hashable, Codable, Sendable {
  private var began: [ServerName: Timestamp] = [:]

  /// - Parameters:
  ///   - servers: those that are held against each other.
  ///   - others: of whom is not asked; what piled up at any that is not named is no pile any more.
  /// - Returns: for each of the servers its pile; `nil` where there is none.
  mutating func find(
    among servers: [ServerView], besides others: [ServerView] = [], in tick: Tick
  ) -> [PileUp?] {
    let piles = PileUp.find(
      servers.map { view in
        (stay: tick.counts[view.server.name]?.stay ?? Sojourn(), isPile: isStill(view, in: tick))
      })
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
