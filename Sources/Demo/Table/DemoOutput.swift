import Glibc
import Terminal

/// Where the demo's output goes, and what that place can do.
package struct DemoOutput: Sendable {
  /// Writes to standard output; throws when nobody reads it any more.
  var write: @Sendable (String) throws -> Void
  /// Writes to standard error, if that can be written.
  var writeError: @Sendable (String) -> Void
  /// Whether standard output is a terminal, where the table is redrawn in place.
  var isTerminal: Bool
  /// Whether the cursor may be hidden: only where it comes back after SIGKILL too, which the
  /// guardian sees to through standard error.
  var canHideCursor: Bool
  /// As it is now: a window may change its size.
  var style: @Sendable () -> TextStyle

  init(
    write: @escaping @Sendable (String) throws -> Void,
    writeError: @escaping @Sendable (String) -> Void,
    isTerminal: Bool, canHideCursor: Bool, style: @escaping @Sendable () -> TextStyle
  ) {
    self.write = write
    self.writeError = writeError
    self.isTerminal = isTerminal
    self.canHideCursor = canHideCursor
    self.style = style
  }

  /// The process's own standard output and standard error.
  package static func standard(environment: [String: String]) -> DemoOutput {
    let isTerminal = isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb"
    let hasColours = isTerminal && environment["NO_COLOR", default: ""].isEmpty
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }
      .first { !$0.isEmpty }
    let hasUnicode = locale?.uppercased().replacing("-", with: "").contains("UTF8") ?? false
    return DemoOutput(
      write: { text in
        guard writeAll(text, to: STDOUT_FILENO) else { throw DemoError(.outputClosed) }
      },
      writeError: { text in _ = writeAll(text, to: STDERR_FILENO) },
      isTerminal: isTerminal,
      canHideCursor: isTerminal && isatty(STDERR_FILENO) == 1,
      style: {
        TextStyle(
          width: isTerminal ? TerminalSize.now.columns : 80, hasColours: hasColours,
          hasUnicode: hasUnicode)
      })
  }
}

/// - Returns: whether all of it was written.
private func writeAll(_ text: String, to descriptor: Int32) -> Bool {
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let written = unsafe rest.withUnsafeBytes { bytes in
      unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    }
    if written > 0 {
      rest = rest.dropFirst(written)
    } else if errno != EINTR {
      return false
    }
  }
  return true
}
