internal import Logging

/// A log event as both handlers show it: one sentence for a human, and what else it carries.
struct LogRecord: Sendable {
  let level: Logger.Level
  let sentence: String
  /// Metadata but the sentence, sorted by key.
  let metadata: [(key: String, value: String)]

  /// Joins what handler, provider and event know; the event's own word counts most.
  ///
  /// The metadata key `text` holds the sentence, where the caller has made one. Else it is the
  /// constant message with those metadata after it that the journal has no field of its own for.
  init(
    _ event: LogEvent, metadata handlers: Logger.Metadata, provider: Logger.MetadataProvider?
  ) {
    var joined = handlers
    if let provided = provider?.get() { joined.merge(provided) { _, new in new } }
    if let own = event.metadata { joined.merge(own) { _, new in new } }
    if let error = event.error {
      joined["error.message"] = "\(error)"
      joined["error.type"] = "\(String(reflecting: type(of: error)))"
    }
    let text = joined.removeValue(forKey: "text")
    level = event.level
    metadata = joined.map { (key: $0.key, value: "\($0.value)") }.sorted { $0.key < $1.key }
    if let text {
      sentence = "\(text)"
    } else {
      let pairs = metadata.filter { !Self.isForMachines($0.key) }
        .map { " \($0.key)=\(Self.quoted($0.value))" }
      sentence = "\(event.message)" + pairs.joined()
    }
  }

  private static func isForMachines(_ key: String) -> Bool {
    let key = key.lowercased()
    return key == "message_id" || key.hasPrefix("evenkeel_")
  }

  /// The value, in quotation marks where it could not be told from what follows it.
  private static func quoted(_ value: String) -> String {
    guard value.isEmpty || value.contains(where: { $0.isWhitespace || $0 == "\"" }) else {
      return value
    }
    return "\"" + value.replacing("\"", with: "\\\"") + "\""
  }
}
