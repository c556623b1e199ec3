/// How many requests one server had answered at each of the last minutes' polls.
///
/// CPU samples are older than the poll that brings them. So that their CPU time is set against the
/// requests of the same span, the counts of past polls are kept, with straight lines between:
/// weights change at polls, so that in between the rate is nearly constant.
struct CounterHistory: Hashable, Codable, Sendable {
  struct Poll: Hashable, Codable, Sendable {
    var at: Timestamp
    /// Since the first of all.
    var done: Double
  }

  /// Oldest first.
  private var polls: [Poll] = []

  /// The oldest moment for which requests are known.
  var beginning: Timestamp? { polls.first?.at }

  /// When the last poll before a moment was.
  func pollBefore(_ moment: Timestamp) -> Timestamp? {
    polls.last { $0.at < moment }?.at
  }

  /// Takes in a poll.
  ///
  /// - Parameters:
  ///   - more: requests answered since the poll before; `nil` where that is not known: then the history
  ///     begins anew, since a difference across such a step would be invented.
  ///   - memory: seconds for which polls are kept.
  mutating func add(
    _ more: Double?, at now: Timestamp, memory: Double = CapacityConstants.evidenceSeconds
  ) {
    let done = (polls.last?.done ?? 0) + (more ?? 0)
    if more == nil {
      polls.removeAll()
    } else if polls.last?.at == now {
      polls.removeLast()
    }
    polls.append(Poll(at: now, done: done))
    let tooOld = polls.prefix { now.seconds(since: $0.at) > memory }
    polls.removeFirst(tooOld.count)
  }

  /// Requests answered in a window that is now closed, both ends on evenkeel's clock.
  ///
  /// - Parameter ahead: the end of the window before, where that was later than the polls known then, and
  ///   the count that was used for it: this one goes on from there, so that no request is lost between
  ///   them.
  func answered(
    from start: Timestamp, to end: Timestamp, after ahead: inout Poll?
  ) -> Double {
    let before = ahead.flatMap { $0.at == start ? $0.done : nil } ?? done(at: start)
    let after = done(at: end)
    ahead = polls.last.flatMap { end > $0.at ? Poll(at: end, done: after) : nil }
    return max(0, after - before)
  }

  /// Requests answered between two moments, by the polls alone.
  func count(from start: Timestamp, to end: Timestamp) -> Double {
    max(0, done(at: end) - done(at: start))
  }

  /// Straight lines between polls; the ends are held.
  private func done(at moment: Timestamp) -> Double {
    guard let later = polls.firstIndex(where: { $0.at >= moment }) else {
      return polls.last?.done ?? 0
    }
    let right = polls[later]
    guard later > polls.startIndex else { return right.done }
    let left = polls[polls.index(before: later)]
    return Line(from: left.at, to: right.at, first: left.done, rise: right.done - left.done)
      .value(at: moment)
  }
}
