internal import Balancing

/// The demand of a peer's balancers that is taken to go on while the peer says nothing.
///
/// Its daemon may be down and its HAProxy serve on: without its part of the requests, all servers' would
/// look dearer by it. Where its traffic has come over to us, as it does when a whole machine fails, it
/// would be counted twice: that ends it.
struct StandingDemand: Codable, Sendable {
  /// What one server is taken to have had meanwhile.
  struct Count {
    var arrived: Double
    var done: Double
    var inFlight: Double
  }

  /// When it was seen last.
  let seenAt: Timestamp
  /// Over how many seconds.
  let seconds: Double
  /// Requests that arrived in them.
  let arrived: [ServerName: Double]
  let inFlight: [ServerName: Double]
  /// Requests a second that arrived at our own balancers then.
  let ownPerSecond: Double
  /// How far it has been counted since; `nil` before it had to be.
  var countedUntil: Timestamp?

  /// How long it stands, in seconds.
  static let mostSeconds = 300.0
  /// A rise of our own demand by this part of it is its traffic, come over.
  static let cameOver = 0.5

  /// - Parameter ownPerSecond: requests a second that arrive at our own balancers now.
  /// - Returns: what is to be counted until then; `nil` when it stands no longer.
  func counts(
    until now: Timestamp, ownPerSecond: Double
  ) -> (requests: [ServerName: Count], arrivedInATick: Double)? {
    let elapsed = now.seconds(since: countedUntil ?? seenAt)
    let total = arrived.values.reduce(0, +)
    guard now.seconds(since: seenAt) <= Self.mostSeconds, elapsed >= 0,
      ownPerSecond - self.ownPerSecond < Self.cameOver * total / seconds || total <= 0
    else { return nil }
    let requests = arrived.map { server, count in
      let more = count * elapsed / seconds
      return (server, Count(arrived: more, done: more, inFlight: inFlight[server] ?? 0))
    }
    return (Dictionary(requests) { first, _ in first }, total)
  }
}
