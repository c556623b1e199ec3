internal import Glibc

/// Writes files that are there in whole or not at all, whenever power or process may fail.
enum WholeFile {
  /// Puts `bytes` in the place of a file, readable for its owner alone unless `mode` says more.
  ///
  /// They go to a file beside it, and to the disk, before that takes the place.
  static func replace(
    _ path: String, with bytes: [UInt8], mode: mode_t = 0o600
  ) throws(StateError) {
    // Two processes that keep their state in one place must not write into each other's file.
    let temporary = "\(path).\(getpid())"
    let failure = write(bytes, to: temporary, mode: mode) ?? move(temporary, to: path)
    if let failure {
      _ = unsafe unlink(temporary)
      throw .file(path, errno: failure)
    }
    // Until its folder is on the disk, the old file may be back after a loss of power. Where a file
    // system cannot do that, it is no less whole.
    let folder = unsafe open(parent(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { return }
    fsync(folder)
    close(folder)
  }

  /// - Returns: the number of the error that there was.
  private static func write(_ bytes: [UInt8], to path: String, mode: mode_t) -> CInt? {
    let descriptor = unsafe open(
      path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    // Whatever the umask says.
    fchmod(descriptor, mode)
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return count < 0 ? errno : ENOSPC }
      rest = rest.dropFirst(count)
    }
    return fsync(descriptor) == 0 ? nil : errno
  }

  private static func move(_ path: String, to place: String) -> CInt? {
    unsafe rename(path, place) == 0 ? nil : errno
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
