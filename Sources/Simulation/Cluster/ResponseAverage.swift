/// HAProxy's `rtime`: how long answers take, on average of the last 1024, in whole milliseconds.
///
/// A new answer counts for a 1024th, or for as much as the others while there are fewer.
struct ResponseAverage: Hashable, Sendable {
  private var seconds = 0.0
  private var answers = 0.0

  private static let most = 1024.0

  mutating func add(seconds: Double) {
    answers = min(answers + 1, Self.most)
    self.seconds += (seconds - self.seconds) / answers
  }

  /// As it is shown; `nil` without an answer.
  var shownSeconds: Double? { answers > 0 ? (seconds * 1000).rounded(.up) / 1000 : nil }
}
