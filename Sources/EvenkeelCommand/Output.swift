internal import FoundationEssentials
internal import Glibc
internal import Terminal

/// Standard output is data, standard error is talk.
enum Output {
  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  static func data(_ text: String) { write(text, to: STDOUT_FILENO) }

  /// Writes a text as it is, without an end of line of its own.
  static func raw(_ text: String) { writeAll(text, to: STDOUT_FILENO) }

  /// What standard output can show.
  static var style: TextStyle {
    let environment = Process.environment
    return TextStyle(
      width: isTerminal ? TerminalSize.now.columns : .max,
      hasColours: isTerminal && environment["NO_COLOR", default: ""].isEmpty
        && environment["TERM"] != "dumb")
  }

  static func error(_ text: String) { write(text, to: STDERR_FILENO) }

  /// Prints a value as JSON, keys sorted, so that two outputs can be compared.
  static func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    data(String(decoding: try encoder.encode(value), as: UTF8.self))
  }

  /// Asks a person; anything but a yes is a no.
  static func isConfirmed(_ question: String) -> Bool {
    write("\(question) [y/N]", to: STDERR_FILENO)
    return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
  }

  private static func write(_ text: String, to descriptor: Int32) {
    writeAll(text.hasSuffix("\n") ? text : text + "\n", to: descriptor)
  }

  private static func writeAll(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
      }
      guard written > 0 else { return }
      bytes = bytes.dropFirst(written)
    }
  }
}
