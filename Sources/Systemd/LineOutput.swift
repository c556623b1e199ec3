internal import Glibc

/// Writes whole lines to a descriptor.
struct LineOutput: Sendable {
  static let standardError = LineOutput(descriptor: STDERR_FILENO)

  let descriptor: Int32

  /// Writes the line and its end in one call, so that lines of several threads do not mix.
  ///
  /// A line that cannot be written is lost: there is nowhere left to say so, and a full or closed
  /// pipe must not stop the service. The process must ignore SIGPIPE, as services of systemd do.
  func write(_ line: String) {
    var rest = Array((line + "\n").utf8)[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes { bytes in
        unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
      }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { return }
      rest = rest.dropFirst(written)
    }
  }
}
