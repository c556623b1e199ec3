/// Requests that wait for a server's CPU, and what they cost it.
struct QueuedWork: Hashable, Sendable {
  var requests: Double
  /// CPU seconds a request.
  var cost: Double

  /// Intervals of a server's whole CPU that it takes.
  ///
  /// - Parameter pace: seconds of an interval.
  func intervals(ofCores cores: Double, pace: Double) -> Double {
    requests * cost / cores / pace
  }

  /// Cores that it takes to be done in so many seconds.
  func cores(over seconds: Double) -> Double { requests * cost / seconds }
}
