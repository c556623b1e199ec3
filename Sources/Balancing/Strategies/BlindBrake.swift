/// Less weight for one server that cannot be seen, on HAProxy's own evidence. Never more weight.
struct BlindBrake: Hashable, Codable, Sendable {
  /// Was away and has not been seen since.
  private var isReturning = false
  /// Requests in flight when it was last braked.
  private var brakedAt: Double?

  /// Takes in a server's state; both reductions end as soon as it is seen again.
  mutating func note(_ view: ServerView) {
    if view.server.state.isAway {
      isReturning = true
      brakedAt = nil
    } else if view.load.measured != nil {
      isReturning = false
      brakedAt = nil
    }
  }

  /// The reduction to be made in this tick, if any. Asking for it is making it.
  ///
  /// A queue is braked again only when it has grown since: what shrinks is left alone. How long it
  /// takes to end, and what the server can do, is told by the answers that come (Little's law): no
  /// cost or limit needs to be known.
  mutating func take(
    _ view: ServerView, _ backlog: Backlog, interval: Double
  ) -> ServerPlan.Target? {
    guard view.isControllable, view.load.measured == nil else { return nil }
    if isReturning {
      isReturning = false
      return .reduce(by: 1 / CapacityConstants.step, .returning)
    }
    // What was known before a look that brought nothing is no queue of now.
    guard view.server.requests != nil, backlog.requests > CapacityConstants.noAccident,
      backlog.requests > brakedAt ?? 0, let arrived = backlog.arrivalsPerSecond, arrived > 0,
      let answered = backlog.answersPerSecond,
      backlog.outlasts(intervals: CapacityConstants.queueIntervals.upperBound, of: interval)
    else { return nil }
    brakedAt = backlog.requests
    let bounds = CapacityConstants.brakeFactor
    let factor = CapacityConstants.brakeFactor.upperBound * answered / arrived
    return .reduce(
      by: min(max(factor, bounds.lowerBound), bounds.upperBound), .queue(inFlight: backlog.requests)
    )
  }
}
