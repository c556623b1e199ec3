/// The first plans of a strategy that has learned nothing: as if a request cost the same everywhere.
///
/// CPU tells what all balancers' requests cost together. So of two daemons that do not know of each
/// other, on two balancers over the same servers, each takes the other's requests for dearer ones of
/// its own, and what their weights differ by at the start would stay for good. They set out from the
/// weights that the servers' limits alone say, which both see, and learn costs from there.
struct FirstPlan: Hashable, Codable, Sendable {
  private var began: Timestamp?
  private var hasEnded = false

  /// Whether its first plan is still to come.
  var isDue: Bool { began == nil && !hasEnded }
  var isUnderWay: Bool { !hasEnded }

  /// Costs are known from an earlier run.
  mutating func skip() { hasEnded = true }

  mutating func begin(at now: Timestamp) { began = now }

  /// It lasts an interval, in which others may set out too, and until costs are known.
  mutating func note(isKnown: Bool, in tick: Tick) {
    guard let began, isKnown, tick.now.seconds(since: began) >= tick.interval else { return }
    hasEnded = true
  }
}
