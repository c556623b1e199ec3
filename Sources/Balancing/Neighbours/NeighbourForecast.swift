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

  /// What was done, whenever it was: sums by seconds, of which older ones count less.
  struct States: Hashable, Codable, Sendable {
    private(set) var seconds = 0.0
    private var parts = 0.0
    private var exponentials = 0.0

    /// The effective bandwidth, and what it is the mean of; 0 and 1 before there is anything.
    var ofLate: Double { log(exponential) / CapacityConstants.crowdingCost }
    var exponential: Double { seconds > 0 ? exponentials / seconds : 1 }
    var mean: Double { seconds > 0 ? parts / seconds : 0 }
    /// Whether they differ by more than a move of 1/κ, as a standard deviation σ. By κσ²/2 the effective
    /// bandwidth is above the mean, if not by much.
    var differ: Bool { ofLate - mean > CapacityConstants.neighbourMove / 2 }

    /// Whether they can be: a state file may have any number.
    fileprivate var arePossible: Bool {
      let most = 2 * CapacityConstants.farOff
      return seconds > 0 && seconds <= 2 * CapacityConstants.usualSeconds
        && (0...most).contains(mean)
        && (1...exp(CapacityConstants.crowdingCost * most)).contains(exponential)
    }

    mutating func add(_ part: Double, for length: Double, kept: Double) {
      seconds = seconds * kept + length
      parts = parts * kept + length * part
      exponentials = exponentials * kept + length * exp(CapacityConstants.crowdingCost * part)
    }

    mutating func add(_ other: Self, counting times: Double = 1) {
      seconds += times * other.seconds
      parts += times * other.parts
      exponentials += times * other.exponentials
    }
  }

  /// The newest windows, oldest first.
  private var windows: [Window] = []
  private(set) var states = States()
  /// How the load went together with itself: seconds times deviations from the mean, squared, and
  /// the same as far as they had lasted.
  private var varied = 0.0
  private var lasted = 0.0

  init() {}

  /// Goes on with what an earlier run saw; a state that cannot be is none.
  init(resuming states: States) { if states.arePossible { self.states = states } }

  /// Parts of the host used in the last window; `nil` before there is one.
  var now: Double? { windows.last?.part }

  /// Whether they come and go.
  var comesAndGoes: Bool { states.differ }

  /// This one as if it had done what others do elsewhere, for a minute at first and less the more was seen
  /// of it: until then, what comes there may come here, too.
  func besides(_ others: States) -> Self {
    guard now != nil, others.differ else { return self }
    let unseen =
      CapacityConstants.rateSeconds * exp(-states.seconds / CapacityConstants.rateSeconds)
    var forecast = self
    forecast.states.add(others, counting: unseen / others.seconds)
    return forecast
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
    states.add(part, for: length, kept: kept)
    (varied, lasted) = (varied * kept, lasted * kept)
    // A clock that was set back.
    if let last = windows.last, last.to > from { windows.removeAll() }
    windows.append(Window(from: from, to: to, part: part))
    let middle = from.advanced(bySeconds: length / 2 - lag)
    windows.removeFirst(windows.prefix { $0.to < middle }.count)
    guard let before = windows.first, before.from <= middle else { return }
    let mean = states.mean
    varied += length * (before.part - mean) * (before.part - mean)
    lasted += length * (before.part - mean) * (part - mean)
  }

  /// Parts of the host that the neighbours are to be reckoned with.
  ///
  /// - Parameter lag: seconds from what is measured to what it is planned for.
  func part(lag: Double) -> Double {
    guard let now else { return 0 }
    let mean = states.mean
    let kappa = CapacityConstants.crowdingCost
    // As if the present state ended now, and half of all such did: a new one has yet to prove itself.
    let doubt = lag * (now - mean) * (now - mean)
    let total = varied + doubt
    let stays = total > 0 ? min(max((lasted + doubt / 2) / total, 0), 1) : 1
    return log(stays * exp(kappa * now) + (1 - stays) * states.exponential) / kappa
  }
}
