internal import Balancing

/// The demand of a peer's balancers that is taken to go on while the peer says nothing new.
///
/// Its daemon may be down and its HAProxy serve on: without its part of the requests, all servers' would
/// look dearer by it. Where its traffic has come over to others, as it does when a whole machine fails, it
/// would be counted twice: that ends it.
struct StandingDemand: Codable, Sendable {
  /// What one server is taken to have had meanwhile.
  struct Count {
    var arrived: Double
    var open: Double
    var inFlight: Double
  }

  /// When it was seen last.
  let seenAt: Timestamp
  /// Requests a second that came to each server.
  let rates: [ServerName: Double]
  let open: [ServerName: Double]
  let inFlight: [ServerName: Double]
  /// Requests a second that arrived at all other balancers then.
  var othersPerSecond = 0.0
  /// How far it has been counted since; `nil` before it had to be.
  var countedUntil: Timestamp?

  /// How long it stands at most, in seconds, unless a peer may be silent for longer.
  private static let usualSeconds = 300.0
  /// A rise of the others' demand by this part of it is its traffic, come over.
  private static let cameOver = 0.5

  init(
    seenAt: Timestamp, perSecond rates: [ServerName: Double], open: [ServerName: Double],
    inFlight: [ServerName: Double]
  ) {
    (self.seenAt, self.rates) = (seenAt, rates)
    (self.open, self.inFlight) = (open, inFlight)
  }

  /// Requests a second, of all servers.
  var perSecond: Double { rates.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value } }

  /// - Parameters:
  ///   - others: requests a second that arrive at all other balancers now; `nil` where it is not in doubt
  ///     that the peer serves.
  ///   - patienceSeconds: within which a peer may say nothing without being gone.
  /// - Returns: what is to be counted until then; `nil` when it stands no longer.
  func counts(
    until now: Timestamp, others: Double?, patienceSeconds: Double
  ) -> (requests: [ServerName: Count], arrivedInATick: Double)? {
    let elapsed = now.seconds(since: countedUntil ?? seenAt)
    guard now.seconds(since: seenAt) <= max(Self.usualSeconds, patienceSeconds), elapsed >= 0 else {
      return nil
    }
    if let others, perSecond > 0, others - othersPerSecond >= Self.cameOver * perSecond {
      return nil
    }
    let requests = rates.map { server, rate in
      (
        server,
        Count(
          arrived: rate * elapsed, open: open[server] ?? 0,
          inFlight: inFlight[server] ?? 0)
      )
    }
    return (Dictionary(requests) { first, _ in first }, perSecond * elapsed)
  }
}
