package import Control
package import Logging

/// Writes events to a logger: a sentence for people, fields for queries.
package struct EventLog: Sendable {
  private let logger: Logger

  package init(_ logger: Logger) { self.logger = logger }

  /// Logs an event of the daemon itself.
  ///
  /// - Parameter level: how much it matters this time; as its kind does without one.
  package func log(_ event: JournalEvent, at level: Logger.Level? = nil, _ text: String) {
    log(LogLine(event: event, level: level, text: text))
  }

  /// Logs what only a developer, or somebody in trouble, wants to know.
  package func debug(_ text: @autoclosure () -> String) {
    logger.debug("\(text())")
  }

  /// Logs what a tick had to say.
  package func log(_ event: ControlEvent) { log(LogLine(event)) }

  /// Logs a line that was made before.
  package func log(_ line: LogLine) {
    var metadata = line.fields.mapValues { Logger.MetadataValue.string($0) }
    metadata["message_id"] = .string(line.event.messageID)
    metadata["text"] = .string(line.text)
    logger.log(level: line.level, "\(line.event.message)", metadata: metadata)
  }
}
