import Logging
import Synchronization

/// Keeps the last line that the daemon logged, to be shown below the table: on the terminal of
/// the demo there is no other place for it.
final class JournalTail: Sendable {
  private let line = Mutex<String?>(nil)

  /// `nil` before the daemon has said anything.
  var last: String? { line.withLock { $0 } }

  /// A logger that writes here.
  var logger: Logger {
    Logger(label: "evenkeel.demo") { _ in Handler(tail: self) }
  }

  private struct Handler: LogHandler {
    let tail: JournalTail
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      // The daemon's messages are constant; the sentence for people is in this field.
      let line = (event.metadata?["text"]).map { "\($0)" } ?? "\(event.message)"
      tail.line.withLock { $0 = line.split(separator: "\n").first.map(String.init) }
    }
  }
}
