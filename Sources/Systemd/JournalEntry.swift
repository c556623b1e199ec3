internal import Logging

/// The fields of one journal entry: systemd.journal-fields(7).
struct JournalEntry: Hashable, Sendable {
  struct Field: Hashable, Sendable {
    let name: String
    let value: String
  }

  private(set) var fields: [Field]

  init(_ record: LogRecord, logger: String, file: String, line: UInt) {
    fields = [
      // journalctl shows a message with control characters in it as "blob data".
      Field(name: "MESSAGE", value: record.sentence.escapingControls(keeping: ["\n", "\t"])),
      Field(name: "PRIORITY", value: "\(Self.priority(of: record.level))"),
      Field(name: "SYSLOG_IDENTIFIER", value: "evenkeel"),
      Field(name: "CODE_FILE", value: file),
      Field(name: "CODE_LINE", value: "\(line)"),
      Field(name: "LOGGER", value: logger),
    ]
    let taken = Set(fields.map(\.name))
    for (key, value) in record.metadata {
      guard let name = Self.fieldName(for: key) else { continue }
      fields.append(Field(name: taken.contains(name) ? "X_\(name)" : name, value: value))
    }
  }

  /// The level of syslog(3).
  static func priority(of level: Logger.Level) -> Int {
    switch level {
    case .critical: 2
    case .error: 3
    case .warning: 4
    case .notice: 5
    case .info: 6
    case .debug, .trace: 7
    }
  }

  /// The name under which the journal keeps a metadata key; `nil` when nothing of it remains.
  ///
  /// journald silently drops a field whose name is not of `A-Z`, `0-9` and `_`, begins with a
  /// digit or an underscore, or is longer than 64 bytes.
  static func fieldName(for key: String) -> String? {
    let valid = key.unicodeScalars.map { scalar -> Character in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9": Character(scalar)
      default: "_"
      }
    }
    let name = String(valid.drop { $0 == "_" }).uppercased()
    guard let first = name.first else { return nil }
    return String((first.isNumber ? "X_\(name)" : name).prefix(maximumNameLength))
  }

  private static let maximumNameLength = 64
}
