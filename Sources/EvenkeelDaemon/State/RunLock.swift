internal import Glibc

/// Keeps two passes of `evenkeel once` from running at the same time.
///
/// The kernel drops it with the process, however that ends.
package struct RunLock: ~Copyable {
  private let descriptor: Int32

  /// - Throws: `StateError` when another pass holds it, or the file cannot be made.
  package init(path: String) throws(StateError) {
    descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw StateError.file(path, errno: errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let reason = errno
      close(descriptor)
      throw reason == EWOULDBLOCK ? StateError.busy(path) : StateError.file(path, errno: reason)
    }
  }

  /// Lets the next pass begin.
  package consuming func release() {}

  deinit { close(descriptor) }
}
