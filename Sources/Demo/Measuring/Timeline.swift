/// When the demo does what. All times are since the load began.
struct Timeline: Equatable, Sendable {
  /// When evenkeel takes over; before that all weights are equal.
  let steeringBegins: Duration
  /// When the demo ends by itself.
  let end: Duration?

  /// The longest span that a figure of the summary is taken over.
  private static let longestSpan = Duration.seconds(60)

  /// - Parameter seconds: how long the demo runs; `nil`: until it is told to stop.
  init(seconds: Int?) {
    guard let seconds else {
      steeringBegins = .seconds(15)
      end = nil
      return
    }
    steeringBegins = .seconds(max(1, seconds * 2 / 5))
    end = .seconds(seconds)
  }

  /// What "before" is measured over: the last two thirds of the time under equal weights.
  ///
  /// - Parameter now: the end of that time, or earlier when the demo was stopped in it.
  func before(endingAt now: Duration) -> Range<Duration> {
    let end = min(now, steeringBegins)
    return max(end / 3, end - Self.longestSpan)..<end
  }

  /// What "after" is measured over: the last half of the time that evenkeel steered.
  ///
  /// - Returns: `nil` when that is less than a second.
  func after(endingAt now: Duration) -> Range<Duration>? {
    let steered = now - steeringBegins
    guard steered >= .seconds(2) else { return nil }
    return max(now - steered / 2, now - Self.longestSpan)..<now
  }
}
