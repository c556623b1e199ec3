internal import Control

/// What to say of a long piece of work, and when: nothing if it is soon done.
package struct ProgressLine: Sendable {
  /// Sooner than this nobody has begun to wait.
  private static let silence = Duration.seconds(2)
  /// Between two lines where none can be written over.
  private static let pause = Duration.seconds(10)

  private let isTerminal: Bool
  private let total: Int
  private var saidAt: Duration?

  package init(total: Int, isTerminal: Bool) {
    self.total = total
    self.isTerminal = isTerminal
  }

  /// What to write now, line ends and all; `nil` for nothing.
  package mutating func text(done: Int, after elapsed: Duration) -> String? {
    guard done < total, elapsed > Self.silence else { return nil }
    if !isTerminal, elapsed - (saidAt ?? .zero) < Self.pause { return nil }
    saidAt = elapsed
    let sentence = "\(done) of \(total) runs done" + (remaining(done, elapsed) ?? "")
    return isTerminal ? "\r\(sentence)\u{1B}[K" : "\(sentence)\n"
  }

  /// What to write when the work is over: a line on a terminal goes.
  package var ending: String? { isTerminal && saidAt != nil ? "\r\u{1B}[K" : nil }

  private func remaining(_ done: Int, _ elapsed: Duration) -> String? {
    guard done > 0 else { return nil }
    let seconds = elapsed / .seconds(1) * Double(total - done) / Double(done)
    return ", about \(decimal(seconds.rounded(.up), 0)) s left"
  }
}
