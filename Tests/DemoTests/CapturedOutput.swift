import Synchronization
import Terminal

@testable import Demo

/// Keeps what the demo writes.
final class CapturedOutput: Sendable {
  private let texts = Mutex<(output: String, error: String)>(("", ""))

  var output: String { texts.withLock { $0.output } }
  var error: String { texts.withLock { $0.error } }

  /// - Parameter limit: after so many characters, nobody reads any more.
  func destination(
    isTerminal: Bool = false, canHideCursor: Bool = false, limit: Int = .max
  ) -> DemoOutput {
    DemoOutput(
      write: { [self] text in
        try texts.withLock { texts in
          guard texts.output.count < limit else { throw DemoError(.outputClosed) }
          texts.output += text
        }
      },
      writeError: { [self] text in texts.withLock { $0.error += text } },
      isTerminal: isTerminal, canHideCursor: canHideCursor,
      style: { TextStyle(width: 80, hasUnicode: false) })
  }
}
