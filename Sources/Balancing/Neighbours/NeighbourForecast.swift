internal import Glibc

/// What a host's neighbours are to be reckoned with over the next interval, from what they did so far.
///
/// What they use now is known only when it is a while old, and a weight stands for an interval: by
/// then they may do what they do now, or anything that they did of late. How much of the one and the
/// other is told by how their load went together with itself over as long a time: a neighbour that
/// stays is followed, one that comes and goes faster is reckoned with by all that it does. A host that
/// turns out too full costs far more than one with room left, so the states are not averaged but
/// weighed by `e^{κu}`, which gives the effective bandwidth of a source (Kelly, Notes on effective
/// bandwidths, 1996, section 2), with the host's cores as the unit.
struct NeighbourForecast: Hashable, Codable, Sendable {
  private struct Window: Hashable, Codable, Sendable {
    /// On the host's clock.
    var from: Timestamp
    var to: Timestamp
    /// Of the host.
    var part: Double
  }

  /// The newest windows, oldest first.
  private var windows: [Window] = []
  /// Sums over all windows, by seconds, of which older ones count less.
  private var seconds = 0.0
  private var sum = 0.0
  private var exponentials = 0.0
  /// How the load went together with itself: seconds times deviations from the mean, squared, and
  /// the same as far as they had lasted.
  private var varied = 0.0
  private var lasted = 0.0

  /// Parts of the host used in the last window; `nil` before there is one.
  var now: Double? { windows.last?.part }

  /// Parts of the host that they are to be reckoned with wherever what they do now will not last.
  var ofLate: Double {
    seconds > 0 ? log(exponentials / seconds) / CapacityConstants.crowdingCost : 0
  }

  /// Whether they come and go: what they do differs by more than a move, as a standard deviation σ. By
  /// κσ²/2 the effective bandwidth is above the mean, if not by much.
  var comesAndGoes: Bool {
    let move = CapacityConstants.neighbourMove
    return seconds > 0 && ofLate - sum / seconds > CapacityConstants.crowdingCost * move * move / 2
  }

  /// Takes a window in.
  ///
  /// - Parameters:
  ///   - part: of the host's cores, that the neighbours used in it.
  ///   - lag: seconds from what is measured to what it is planned for.
  mutating func add(_ part: Double, from: Timestamp, to: Timestamp, lag: Double) {
    let length = to.seconds(since: from)
    guard length > 0 else { return }
    let kept = exp(-length / CapacityConstants.usualSeconds)
    (seconds, sum, exponentials) = (
      seconds * kept + length, sum * kept + length * part,
      exponentials * kept + length * exp(CapacityConstants.crowdingCost * part)
    )
    (varied, lasted) = (varied * kept, lasted * kept)
    windows.append(Window(from: from, to: to, part: part))
    let middle = from.advanced(bySeconds: length / 2 - lag)
    windows.removeFirst(windows.prefix { $0.to < middle }.count)
    if windows.count > Self.mostWindows { windows.removeFirst() }
    guard let before = windows.first, before.from <= middle else { return }
    let mean = sum / seconds
    varied += length * (before.part - mean) * (before.part - mean)
    lasted += length * (before.part - mean) * (part - mean)
  }

  /// Parts of the host that the neighbours are to be reckoned with.
  ///
  /// - Parameter lag: seconds from what is measured to what it is planned for.
  func part(lag: Double) -> Double {
    guard let now, seconds > 0 else { return 0 }
    let mean = sum / seconds
    let kappa = CapacityConstants.crowdingCost
    // As if the present state ended now, and half of all such did: a new one has yet to prove itself.
    let doubt = lag * (now - mean) * (now - mean)
    let total = varied + doubt
    let stays = total > 0 ? min(max((lasted + doubt / 2) / total, 0), 1) : 1
    return log(stays * exp(kappa * now) + (1 - stays) * exponentials / seconds) / kappa
  }

  private static let mostWindows = 64
}
