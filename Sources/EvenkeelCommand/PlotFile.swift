internal import Glibc

/// A file that is opened before the work whose result goes into it: a mistake in its name must not
/// come to light after minutes.
enum PlotFile {
  /// Does the work, and replaces what is in the file with its text.
  ///
  /// What was in the file stays until then; after a failure nothing is left that was not there.
  static func fill(_ path: String, with work: () async throws -> String) async throws {
    let isNew = unsafe access(path, F_OK) != 0
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw CannotWrite(path: path, code: errno) }
    defer { close(descriptor) }
    do {
      try replace(descriptor, path, with: try await work())
    } catch {
      if isNew { _ = unsafe unlink(path) }
      throw error
    }
  }

  private static func replace(
    _ descriptor: Int32, _ path: String, with text: String
  ) throws(CannotWrite) {
    // A pipe or a device has no length.
    guard ftruncate(descriptor, 0) == 0 || errno == EINVAL else {
      throw CannotWrite(path: path, code: errno)
    }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = unsafe bytes.withUnsafeBytes { buffer in
        unsafe write(descriptor, buffer.baseAddress, buffer.count)
      }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw CannotWrite(path: path, code: errno) }
      bytes = bytes.dropFirst(written)
    }
  }
}

private struct CannotWrite: Error, CustomStringConvertible {
  var path: String
  var code: Int32

  var description: String {
    "\(path): cannot be written: \(unsafe String(cString: strerror(code)))"
  }
}
