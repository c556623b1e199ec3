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
  /// Whether the last window was a step.
  private(set) var hasStepped = false
  /// Whether the next window is wanted soon: this one may have seen but a part of a step.
  private(set) var isMoving = false

  /// Cores; 0 before anything was measured.
  var cores: Double { smoothed ?? 0 }

  /// Closes a window at the machine's newest sample, unless it would be too short.
  ///
  /// Both sides are taken over the same span: our own load changes by more than a neighbour does.
  mutating func observe(_ machine: SampleRun, less ours: [Ours], hostCores: Double) {
    guard let oldest = machine.samples.first, let newest = machine.samples.last else { return }
    let ends = end.map { $0 <= newest.timestamp ? [$0] : [] } ?? []
    let begins = ours.compactMap(\.run.samples.first?.timestamp) + [oldest.timestamp] + ends
    let begin = begins.max() ?? oldest.timestamp
    let seconds = newest.timestamp.seconds(since: begin)
    guard seconds >= CapacityConstants.neighbourSeconds else { return }
    end = newest.timestamp
    let used = machine.cpuSeconds(from: begin, to: newest.timestamp, beyond: 0)
    let usedByUs = ours.reduce(0) { sum, one in
      sum + one.run.cpuSeconds(from: begin, to: newest.timestamp, beyond: one.cores)
    }
    observe((used - usedByUs) / seconds, hostCores: hostCores)
  }

  /// - Parameters:
  ///   - measured: cores; below 0 where two counters were not read at the same moments.
  ///   - hostCores: above 0.
  mutating func observe(_ measured: Double, hostCores: Double) {
    let now = measured < CapacityConstants.neighbourFloor * hostCores ? 0 : measured
    guard let before = smoothed else {
      smoothed = now
      return
    }
    let move = (now - before) / hostCores
    let notable = CapacityConstants.neighbourMove
    let goesOn = abs(lastMove) > notable && lastMove * move > 0
    hasStepped = abs(move) > CapacityConstants.neighbourJump || abs(move) > notable && goesOn
    windows = hasStepped ? 0 : windows + 1
    lastMove = hasStepped ? 0 : move
    let isYoung = windows <= CapacityConstants.neighbourStepWindows
    isMoving = isYoung || abs(move) > notable
    let gain = isYoung ? 1 : max(CapacityConstants.neighbourGain, 1 / Double(windows - 1))
    smoothed = before + gain * (now - before)
  }
}
