/// Requests a second that HAProxy sent to one server between its last two polls.
struct ArrivalMeter: Hashable, Codable, Sendable {
  private struct Poll: Hashable, Codable, Sendable {
    var at: Timestamp
    var arrived: Double
  }

  private var last: Poll?
  /// `nil` until something was counted twice, and after the counter or the clock went back.
  private(set) var perSecond: Double?

  /// - Parameter memory: seconds after which a count says nothing any more.
  mutating func add(
    _ arrived: Double, at now: Timestamp, memory: Double = CapacityConstants.evidenceSeconds
  ) {
    let poll = Poll(at: now, arrived: arrived)
    guard let before = last, now >= before.at, arrived >= before.arrived else {
      (last, perSecond) = (poll, nil)
      return
    }
    let seconds = now.seconds(since: before.at)
    // The same poll again tells nothing new.
    guard seconds > 0 else { return }
    perSecond = seconds <= memory ? (arrived - before.arrived) / seconds : nil
    last = poll
  }
}
