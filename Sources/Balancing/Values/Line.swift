/// A straight line between two readings of a counter.
package struct Line: Sendable {
  private let start: Timestamp
  private let end: Timestamp
  private let first: Double
  private let rise: Double

  /// - Parameters:
  ///   - first: the value at its start.
  ///   - rise: by how much the value at its end is greater.
  package init(from start: Timestamp, to end: Timestamp, first: Double, rise: Double) {
    self.start = start
    self.end = end
    self.first = first
    self.rise = rise
  }

  /// Its value at a moment; the last one where it has no length.
  package func value(at moment: Timestamp) -> Double {
    let seconds = end.seconds(since: start)
    guard seconds > 0 else { return first + rise }
    return first + rise * (moment.seconds(since: start) / seconds)
  }
}
