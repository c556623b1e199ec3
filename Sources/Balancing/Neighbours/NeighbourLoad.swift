/// CPU cores used on a host by all that is not this backend's.
///
/// Both counters, the host's and ours, are taken over the same span; what they come to is forecast.
struct NeighbourLoad: Hashable, Codable, Sendable {
  /// One of our containers on the host.
  struct Ours: Sendable {
    var run: SampleRun
    /// What it used of late, and is taken to go on with after its newest sample.
    var cores: Double
  }

  /// The reading that the newest window rests on, and how it was before: one that its successor
  /// contradicts takes the window back.
  private struct Newest: Hashable, Codable, Sendable {
    var sample: CPUSample
    /// What the windows before it tell.
    var forecastBefore: NeighbourForecast
    /// Where the window before it ended.
    var endBefore: Timestamp?
  }

  /// What all windows tell.
  private var forecast = NeighbourForecast()
  private var newest: Newest?
  /// Where the last window ended, on the host's clock.
  private var end: Timestamp?
  /// Whether the next window is wanted soon: this one may have seen but a part of a move.
  private(set) var isMoving = false
  private var looks = QuickTickBudget(CapacityConstants.youngTicks)

  init() {}

  /// Goes on with what an earlier run saw them do.
  init(resuming states: NeighbourForecast.States) { forecast = NeighbourForecast(resuming: states) }

  /// The part of the host that they used in the last window; `nil` before there is one.
  var now: Double? { forecast.now }

  /// The part of the host that they are to be reckoned with; 0 before anything was measured.
  ///
  /// - Parameters:
  ///   - lag: seconds from what is measured to what it is planned for.
  ///   - others: what is done on the hosts of the backend.
  func part(lag: Double, besides others: NeighbourForecast.States = .init()) -> Double {
    forecast.besides(others).part(lag: lag)
  }

  /// The part of the host that they have when they are there, if they come and go; else `nil`.
  func partOfThoseThatComeAndGo(besides others: NeighbourForecast.States) -> Double? {
    let forecast = forecast.besides(others)
    return forecast.comesAndGoes ? forecast.states.ofLate : nil
  }

  var states: NeighbourForecast.States { forecast.states }

  /// Seconds from the last window's end to a moment of the host's clock; 0 before there is one.
  func age(at now: Timestamp) -> Double { end.map { max(0, now.seconds(since: $0)) } ?? 0 }

  /// Closes a window at the newest moment that all have read, unless it would be too short.
  ///
  /// Both sides are taken over the same span: our own load changes by more than a neighbour does.
  ///
  /// - Parameters:
  ///   - ours: of which those that lag behind by much, as cAdvisor leaves idle ones, go on as they
  ///     were.
  ///   - hostCores: above 0.
  ///   - pace: seconds for which what is planned stands.
  ///   - now: on the host's clock.
  /// - Returns: whether they made a move.
  mutating func observe(
    _ machine: SampleRun, less ours: [Ours], hostCores: Double, interval: Double, pace: Double,
    now: Timestamp
  ) -> Bool {
    guard let oldest = machine.samples.first, let newest = machine.samples.last else {
      return false
    }
    takeBack(ifContradictedBy: machine, newest: newest)
    let ends = ours.compactMap(\.run.samples.last?.timestamp).filter {
      newest.timestamp.seconds(since: $0) <= interval
    }
    let to = min(newest.timestamp, ends.min() ?? newest.timestamp)
    let starts = ours.compactMap(\.run.samples.first?.timestamp) + [oldest.timestamp]
    // One that is later than all that was read since is of a clock that was set back.
    let last = end.flatMap { $0 <= newest.timestamp ? $0 : nil }
    let from = (starts + [last].compactMap(\.self)).max() ?? oldest.timestamp
    let seconds = to.seconds(since: from)
    guard seconds >= CapacityConstants.comparedSeconds else { return false }
    let endBefore = end
    end = to
    let used = machine.cpuSeconds(from: from, to: to, beyond: 0)
    let usedByUs = ours.map { $0.run.cpuSeconds(from: from, to: to, beyond: $0.cores) }
    // A counter that broke is not to be believed across the break either.
    let most = CapacityConstants.farOff * hostCores * seconds
    guard used <= most, usedByUs.allSatisfy({ $0 <= most }) else { return false }
    let measured = (used - usedByUs.reduce(0, +)) / seconds / hostCores
    // Below 0 where two counters were not read at the same moments.
    let part = measured < CapacityConstants.resolution ? 0 : measured
    let before = self.now
    self.newest = Newest(sample: newest, forecastBefore: forecast, endBefore: endBefore)
    forecast.add(part, from: from, to: to, lag: max(0, now.seconds(since: to)) + pace)
    isMoving = before.map { abs(part - $0) > CapacityConstants.neighbourMove } ?? false
    return isMoving
  }

  /// A reading that is not among the samples any more was contradicted by its successor: what it said of
  /// the neighbours is forgotten.
  private mutating func takeBack(ifContradictedBy machine: SampleRun, newest sample: CPUSample) {
    guard let newest, let oldest = machine.samples.first,
      oldest.timestamp < newest.sample.timestamp,
      newest.sample.timestamp <= sample.timestamp, !machine.samples.contains(newest.sample)
    else { return }
    (forecast, end) = (newest.forecastBefore, newest.endBefore)
    self.newest = nil
  }

  /// Whether a quick tick is due to follow it. One that never rests is followed by the usual ticks.
  mutating func takeLook() -> Bool {
    looks.take(if: isMoving, of: CapacityConstants.youngTicks)
  }
}
