internal import FoundationEssentials
internal import Glibc
internal import Systemd
internal import Terminal

/// Standard output is data, standard error is talk.
///
/// Names, paths and replies come from outside: whatever could move a terminal's cursor is written out.
/// A line's end is kept, so that a text of several lines shows each line with `shown` before it joins
/// them.
enum Output {
  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Whether somebody can be asked.
  static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

  static func data(_ text: String) { painted(text.escapingControls(keeping: ["\n"])) }

  /// Writes what has colours of our own, and nothing else that moves a cursor.
  static func painted(_ text: String) { raw(text.withLineEnd) }

  /// Writes a text as it is, without an end of line of its own. What cannot be written is lost to
  /// whoever asked for it: that ends the process as a failure.
  static func raw(_ text: String) {
    guard let failure = writeAll(text, to: STDOUT_FILENO) else { return }
    // Who reads no more, as `head` does, knows it.
    if failure != EPIPE {
      let words = unsafe String(cString: strerror(failure))
      error("standard output cannot be written: \(words)")
    }
    exit(EXIT_FAILURE)
  }

  /// What standard output can show.
  static var style: TextStyle {
    let environment = Process.environment
    return TextStyle(
      width: isTerminal ? TerminalSize.now.columns : .max,
      hasColours: isTerminal && environment["NO_COLOR", default: ""].isEmpty
        && environment["TERM"] != "dumb")
  }

  /// What is lost here is lost.
  static func error(_ text: String) {
    _ = writeAll(text.escapingControls(keeping: ["\n"]).withLineEnd, to: STDERR_FILENO)
  }

  /// Prints a value as JSON, keys sorted, so that two outputs can be compared.
  static func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    raw(
      String(decoding: try encoder.encode(value), as: UTF8.self).escapingControlsInJSON.withLineEnd)
  }

  /// Asks a person; anything but a yes is a no.
  static func isConfirmed(_ question: String) -> Bool {
    error("\(question) [y/N]")
    return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
  }

  /// - Returns: why it could not be written, as `errno` has it; `nil` when it was.
  private static func writeAll(_ text: String, to descriptor: Int32) -> CInt? {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
      }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { return written < 0 ? errno : EIO }
      bytes = bytes.dropFirst(written)
    }
    return nil
  }
}

extension String {
  /// One line, in which nothing acts on a terminal.
  var shown: String { escapingControls() }

  fileprivate var withLineEnd: String { hasSuffix("\n") ? self : self + "\n" }
}
