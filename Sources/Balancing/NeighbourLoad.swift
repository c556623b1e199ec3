/// CPU cores used on a host by all that is not this backend's.
///
/// A neighbour that comes or goes is a step, and is followed at once; what it does from one window to
/// the next is smoothed, for a server beside a neighbour has little left, and a small error of that
/// is a large one of its share.
struct NeighbourLoad: Hashable, Codable, Sendable {
  /// One of our containers on the host.
  struct Ours: Sendable {
    var run: SampleRun
    /// What it used of late, and is taken to go on with after its newest sample.
    var cores: Double
  }

  private var smoothed: Double?
  /// Where the last window ended, on the host's clock.
  private var end: Timestamp?
  /// Windows since the last step.
  private var windows = 0
  /// How far the last window was off what was expected, as a part of the host.
  private var lastMove = 0.0
  /// Whether the next window is wanted soon: this one may have seen but a part of a step.
  private(set) var isMoving = false
  private var looks = Looks(CapacityConstants.neighbourLooks)

  /// Cores; 0 before anything was measured.
  var cores: Double { smoothed ?? 0 }

  /// Closes a window at the newest moment that all have read, unless it would be too short.
  ///
  /// Both sides are taken over the same span: our own load changes by more than a neighbour does.
  ///
  /// - Parameters:
  ///   - ours: of which those that lag behind by much, as cAdvisor leaves idle ones, go on as they
  ///     were.
  ///   - hostCores: above 0.
  /// - Returns: whether there was a step.
  mutating func observe(
    _ machine: SampleRun, less ours: [Ours], hostCores: Double, interval: Double
  ) -> Bool {
    guard let oldest = machine.samples.first, let newest = machine.samples.last else {
      return false
    }
    let ends = ours.compactMap(\.run.samples.last?.timestamp).filter {
      newest.timestamp.seconds(since: $0) <= interval
    }
    let to = min(newest.timestamp, ends.min() ?? newest.timestamp)
    let starts = ours.compactMap(\.run.samples.first?.timestamp) + [oldest.timestamp]
    // One that is later than all that was read since is of a clock that was set back.
    let last = end.flatMap { $0 <= newest.timestamp ? $0 : nil }
    let from = (starts + [last].compactMap(\.self)).max() ?? oldest.timestamp
    let seconds = to.seconds(since: from)
    guard seconds >= CapacityConstants.neighbourSeconds else { return false }
    end = to
    let used = machine.cpuSeconds(from: from, to: to, beyond: 0)
    let usedByUs = ours.map { $0.run.cpuSeconds(from: from, to: to, beyond: $0.cores) }
    // A counter that broke is not to be believed across the break either.
    let most = CapacityConstants.plausibleHosts * hostCores * seconds
    guard used <= most, usedByUs.allSatisfy({ $0 <= most }) else { return false }
    return observe((used - usedByUs.reduce(0, +)) / seconds, hostCores: hostCores)
  }

  /// - Parameters:
  ///   - measured: cores; below 0 where two counters were not read at the same moments.
  ///   - hostCores: above 0.
  /// - Returns: whether it was a step.
  mutating func observe(_ measured: Double, hostCores: Double) -> Bool {
    let now = measured < CapacityConstants.neighbourFloor * hostCores ? 0 : measured
    guard let before = smoothed else {
      smoothed = now
      return false
    }
    let move = (now - before) / hostCores
    let notable = CapacityConstants.neighbourMove
    let goesOn = abs(lastMove) > notable && lastMove * move > 0
    let isStep = abs(move) > CapacityConstants.neighbourJump || abs(move) > notable && goesOn
    windows = isStep ? 0 : min(windows, Self.manyWindows) + 1
    lastMove = isStep ? 0 : move
    let isYoung = windows <= CapacityConstants.neighbourStepWindows
    isMoving = isYoung || abs(move) > notable
    let gain = isYoung ? 1 : max(CapacityConstants.neighbourGain, 1 / Double(windows - 1))
    smoothed = before + gain * (now - before)
    return isStep
  }

  /// Whether a quick tick is due to follow it. One that never rests is followed by the usual ticks.
  mutating func takeLook() -> Bool {
    looks.take(if: isMoving, of: CapacityConstants.neighbourLooks)
  }

  /// From which on their number does not matter.
  private static let manyWindows = 1000
}
