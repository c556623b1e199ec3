/// How unequal the servers' utilisations are: the highest over their mean.
///
/// - Returns: 1 when all are idle, for they are equal; `nil` when there is none.
package func spread(_ utilisations: [Double]) -> Double? {
  guard let highest = utilisations.max() else { return nil }
  let mean = utilisations.reduce(0, +) / Double(utilisations.count)
  return mean > 0 ? highest / mean : 1
}

/// The seconds of a run, averaged over a moving window.
package struct MovingUtilisation: Sendable {
  /// Seconds: a request of heavy-tailed cost moves one second's utilisation too far to be judged.
  package static let windowSeconds = 10

  private let seconds: [RunRecord.Second]

  package init(_ seconds: [RunRecord.Second]) { self.seconds = seconds }

  /// Each server's average over the window that ends with an entry of the record.
  ///
  /// Only the seconds count in which the server served: one that came back within the window is not
  /// taken for idle. At the start the window is what there is.
  ///
  /// - Returns: by server; `nil` for one that does not serve at the window's end.
  package func averages(endingWith index: Int) -> [Double?] {
    guard seconds.indices.contains(index) else { return [] }
    let window = max(0, index - Self.windowSeconds + 1)..<(index + 1)
    return zip(averages(over: window), seconds[index].isServing).map { $1 ? $0 : nil }
  }

  /// Each server's average over some entries, of those in which it served.
  package func averages(over window: Range<Int>) -> [Double?] {
    let window = window.clamped(to: seconds.indices)
    guard let count = seconds[window].first?.utilisation.count else { return [] }
    var sums = [Double](repeating: 0, count: count)
    var served = [Int](repeating: 0, count: count)
    for second in seconds[window] {
      for server in 0..<min(count, second.utilisation.count, second.isServing.count)
      where second.isServing[server] {
        sums[server] += second.utilisation[server]
        served[server] += 1
      }
    }
    return zip(sums, served).map { $1 > 0 ? $0 / Double($1) : nil }
  }

  /// The spread of each window, by the entry that ends it.
  package var spreads: [Double?] {
    seconds.indices.map { spread(averages(endingWith: $0).compactMap { $0 }) }
  }
}

/// What a phase of the run was like for the servers.
struct PhaseSpreads {
  /// For so many seconds a spread must stay small before the phase counts as settled.
  static let holdSeconds = 20

  private let phase: Phase
  private let moving: MovingUtilisation
  /// By entry of the record; the one at index i is of the moment i + 1.
  private let spreads: [Double?]

  /// - Parameter spreads: those of the whole run.
  init(_ phase: Phase, of moving: MovingUtilisation, spreads: [Double?]) {
    self.phase = phase
    self.moving = moving
    self.spreads = spreads
  }

  /// Seconds from the phase's start to the first moment from which each of the moving windows that
  /// end in the next 20 s has a spread of at most `limit`; `nil` if there is none in the phase.
  func settleSeconds(limit: Double) -> Double? {
    let entries = entries(from: phase.fromSeconds)
    var held = 0
    for index in entries {
      held = spreads[index].map { $0 <= limit } == true ? held + 1 : 0
      if held == Self.holdSeconds {
        return max(0, Double(index + 1 - Self.holdSeconds) - phase.fromSeconds)
      }
    }
    return nil
  }

  /// The spread of the servers' averages over the second half.
  var steady: Double? {
    spread(moving.averages(over: entries(from: phase.halfSeconds)).compactMap { $0 })
  }

  /// The largest spread of a moving window that ends in the second half.
  var steadyWorst: Double? { spreads[entries(from: phase.halfSeconds)].compactMap { $0 }.max() }

  /// The entries of the whole seconds from a time to the phase's end.
  private func entries(from start: Double) -> Range<Int> {
    let last = whole(phase.toSeconds.rounded(.down))
    return min(whole(start.rounded(.up)), last)..<last
  }

  /// The nearest index into `spreads`, or its end.
  private func whole(_ seconds: Double) -> Int {
    Int(exactly: min(max(seconds, 0), Double(spreads.count))) ?? 0
  }
}
