internal import Glibc

/// Single keys from the terminal on standard input, as they are pressed.
package struct KeyInput: Sendable {
  private let before: termios

  /// - Returns: `nil` where standard input is no terminal, or is another job's.
  package init?() {
    var settings = termios()
    guard isatty(STDIN_FILENO) == 1, tcgetpgrp(STDIN_FILENO) == getpgrp(),
      unsafe tcgetattr(STDIN_FILENO, &settings) == 0
    else { return nil }
    before = settings
    // Signals go on to be made of ctrl-C and its like.
    settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
    guard unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings) == 0 else { return nil }
  }

  /// Gives the terminal back as it was.
  package func restore() {
    var settings = before
    _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings)
  }

  /// What is pressed within a time; nothing where nothing is.
  package static func keys(within milliseconds: Int32) -> [UInt8] {
    var wait = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&wait, 1, milliseconds) > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe read(STDIN_FILENO, buffer.baseAddress, buffer.count)
    }
    return count > 0 ? Array(bytes.prefix(count)) : []
  }
}
