/// A server that always has as many requests in flight as its limit lets it have: another comes as
/// soon as one is answered.
///
/// A closed network of a processor with some lanes and a wait without CPU, as in the problem of
/// machines that break down (Kleinrock, Queueing Systems I, 3.8). By the theorem of Baskett, Chandy,
/// Muntz and Palacios (1975) only the mean of the waits counts.
struct ClosedServer: Hashable, Sendable {
  /// Requests that run at a time.
  let lanes: Int
  /// Seconds that a request takes on its lane.
  let serviceSeconds: Double
  /// Seconds that its place is taken without CPU.
  let waitSeconds: Double

  /// The part of its CPU that so many in flight keep busy, 0…1.
  func busy(_ inFlight: Int) -> Double {
    guard inFlight > 0, lanes > 0 else { return 0 }
    guard waitSeconds > 0 else { return min(1, Double(inFlight) / Double(lanes)) }
    // In proportion to how likely it is that so many are on lanes, or wait for one.
    var (likely, sum, busy) = (1.0, 1.0, 0.0)
    for onLanes in 1...inFlight {
      let running = Double(min(onLanes, lanes))
      likely *= Double(inFlight - onLanes + 1) * serviceSeconds / (waitSeconds * running)
      sum += likely
      busy += likely * running / Double(lanes)
      if sum > .greatestFiniteMagnitude.squareRoot() {
        (likely, sum, busy) = (likely / sum, 1, busy / sum)
      }
    }
    return busy / sum
  }

  /// The fewest in flight that leave no more than a part of its CPU idle; `nil` where that is more
  /// than `most`.
  func fewest(idle: Double, most: Int) -> Int? {
    // From below, as it takes so many steps to look at so many.
    var (lower, upper) = (0, min(1, most))
    while busy(upper) < 1 - idle {
      guard upper < most else { return nil }
      (lower, upper) = (upper, min(2 * upper, most))
    }
    while upper - lower > 1 {
      let middle = (lower + upper) / 2
      if busy(middle) >= 1 - idle { upper = middle } else { lower = middle }
    }
    return upper
  }
}
