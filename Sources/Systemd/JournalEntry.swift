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
      Field(name: "MESSAGE", value: record.sentence.escapingControls(keeping: Self.layout)),
      Field(name: "PRIORITY", value: "\(Self.priority(of: record.level))"),
      Field(name: "SYSLOG_IDENTIFIER", value: "evenkeel"),
      Field(name: "CODE_FILE", value: file),
      Field(name: "CODE_LINE", value: "\(line)"),
      Field(name: "LOGGER", value: logger),
    ]
    let taken = fields.map(\.name)
    for (key, value) in record.metadata {
      guard let name = Self.fieldName(for: key) else { continue }
      fields.append(Field(name: taken.contains(name) ? "X_\(name)" : name, value: value))
    }
  }

  /// What may stand in a message that is read in lines.
  private static let layout: Set<Unicode.Scalar> = ["\n", "\t"]

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
    guard !isName(key) else { return key.uppercased() }
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

  /// Whether a key is such a name in small letters, as all of ours are.
  private static func isName(_ key: String) -> Bool {
    let small = UInt8(ascii: "a")...UInt8(ascii: "z")
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    return key.utf8.first.map(small.contains) == true && key.utf8.count <= maximumNameLength
      && key.utf8.allSatisfy {
        small.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "_")
      }
  }

  private static let maximumNameLength = 64
}
