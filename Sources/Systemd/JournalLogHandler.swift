package import Logging

/// Sends log events to the journal, with their metadata as fields.
///
/// `evenkeel_backend` becomes the field `EVENKEEL_BACKEND`, `message_id` becomes `MESSAGE_ID`, and
/// `text` becomes the `MESSAGE`.
package struct JournalLogHandler: LogHandler {
  package var logLevel: Logger.Level
  package var metadata: Logger.Metadata = [:]
  package var metadataProvider: Logger.MetadataProvider?

  private let label: String
  private let send: @Sendable (JournalEntry) -> Int32
  private let fallback: LineOutput

  package init(label: String, level: Logger.Level) {
    self.init(
      label: label, level: level, send: { JournalSocket.send($0) }, fallback: .standardError)
  }

  /// - Parameters:
  ///   - send: Answers a negative `errno` when the journal did not take the entry.
  ///   - fallback: Takes the sentence then.
  init(
    label: String, level: Logger.Level, send: @escaping @Sendable (JournalEntry) -> Int32,
    fallback: LineOutput
  ) {
    self.label = label
    self.logLevel = level
    self.send = send
    self.fallback = fallback
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let record = LogRecord(event, metadata: metadata, provider: metadataProvider)
    let entry = JournalEntry(record, logger: label, file: event.file, line: event.line)
    guard send(entry) < 0 else { return }
    // The journal reads standard error as well: a line an entry, its priority in front.
    let priority = JournalEntry.priority(of: record.level)
    fallback.write("<\(priority)>\(record.sentence.escapingControls())")
  }
}
