/// A number that goes from one value to another in a straight line.
struct Ramp: Sendable {
  private let from: Double
  private let to: Double
  private let start: Double
  private let seconds: Double

  init(_ value: Double) { self.init(from: value, to: value, at: 0, over: 0) }

  init(from: Double, to: Double, at start: Double, over seconds: Double) {
    self.from = from
    self.to = to
    self.start = start
    self.seconds = seconds
  }

  func value(at now: Double) -> Double {
    seconds > 0 ? from + (to - from) * min(1, max(0, (now - start) / seconds)) : to
  }
}
