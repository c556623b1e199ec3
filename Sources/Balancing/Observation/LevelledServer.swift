/// A server that is part of the solution: all that this takes is known of it.
struct LevelledServer: Sendable {
  let view: ServerView
  let load: Load.Measured
  /// CPU seconds a request, above 0.
  let cost: Double
  /// What HAProxy's counters tell of it.
  let counts: ServerCounts

  /// - Returns: `nil` where it is not the strategy's, or something is not known.
  init?(_ view: ServerView, in tick: Tick) {
    guard view.isControllable, let load = view.load.measured, let cost = view.cost, cost > 0,
      let counts = tick.counts[view.server.name]
    else { return nil }
    (self.view, self.load, self.cost, self.counts) = (view, load, cost, counts)
  }

  var name: ServerName { view.server.name }
  var server: ServerObservation { view.server }
  var backlog: Backlog { counts.backlog }
  /// Requests that its cost was learned from.
  var evidence: Double { view.evidence }
}
