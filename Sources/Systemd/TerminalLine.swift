internal import Logging

/// One log event as a line of text for a human: `12:04:05 warning  the sentence`.
struct TerminalLine: Sendable, CustomStringConvertible {
  let record: LogRecord
  let time: TimeOfDay
  let hasColour: Bool

  var description: String {
    "\(time) \(level) \(record.sentence.escapingControls())"
  }

  /// The level, as wide as the longest, coloured where it matters.
  private var level: String {
    let name = record.level.rawValue
    let padding = String(repeating: " ", count: max(0, Self.levelWidth - name.utf8.count))
    guard hasColour, let colour else { return name + padding }
    return "\u{1B}[\(colour)m\(name)\u{1B}[0m\(padding)"
  }

  /// The parameter of ECMA-48's SGR: bold red, red, yellow or dim.
  private var colour: String? {
    switch record.level {
    case .critical: "1;31"
    case .error: "31"
    case .warning: "33"
    case .notice, .info: nil
    case .debug, .trace: "2"
    }
  }

  private static let levelWidth = "critical".utf8.count
}
