/// The time over which requests pile up at a server: it works as fast as it can, so what it answers
/// tells what a request costs it.
///
/// HAProxy knows at once, where CPU samples may be half a minute old. What was learned lasts until
/// they have caught up: when a pile is gone, its reason need not be.
struct SaturatedTime: Hashable, Codable, Sendable {
  let began: Timestamp
  let ended: Timestamp

  /// CPU seconds a request, if it is dearer than the cost known by more than chance makes.
  ///
  /// - Parameters:
  ///   - answers: that the server gave.
  ///   - evidence: requests that the cost known was learned from.
  func cost(
    _ answers: CounterHistory, limitCores: Double, beyond known: Double, of evidence: Double,
    noise: RequestNoise
  ) -> Double? {
    // What was counted before a reload, or too long ago, is not known any more.
    let start = max(began, answers.beginning ?? ended)
    let answered = answers.count(from: start, to: ended)
    guard answered >= CapacityConstants.fewRequests else { return nil }
    let cost = limitCores * ended.seconds(since: start) / answered
    let isDearer = cost > known && noise.contradicts(cost / known, from: answered, evidence)
    return isDearer ? cost : nil
  }
}
