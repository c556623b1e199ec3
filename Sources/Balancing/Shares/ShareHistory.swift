/// Which share of the traffic a server had when, as far back as its samples may be late.
struct ShareHistory: Hashable, Codable, Sendable {
  private struct Span: Hashable, Codable, Sendable {
    var since: Timestamp
    var share: Double
  }

  /// Oldest first.
  private var spans: [Span] = []
  private var last: Timestamp?

  /// Takes in the share that stands, which was written right after the look before.
  ///
  /// - Parameter memory: seconds for which it is kept.
  mutating func add(
    _ share: Double, at now: Timestamp, memory: Double = CapacityConstants.evidenceSeconds
  ) {
    if let last, now < last { spans.removeAll() }
    if spans.last?.share != share { spans.append(Span(since: last ?? now, share: share)) }
    last = now
    let tooOld = spans.dropFirst().prefix { now.seconds(since: $0.since) > memory }
    spans.removeFirst(tooOld.count)
  }

  /// The share at a moment, or the oldest that is known; `nil` of none.
  func share(at moment: Timestamp) -> Double? {
    (spans.last { $0.since <= moment } ?? spans.first)?.share
  }
}
