internal import Glibc

/// Whether a stream of this process is read by the journal: systemd.exec(5), JOURNAL_STREAM.
package enum JournalStream {
  /// Whether standard error goes to the journal.
  ///
  /// The variable is inherited by all descendants, so that it is set says nothing; the stream's
  /// device and inode must be those it names.
  package static var isStderr: Bool {
    guard let variable = environmentVariable("JOURNAL_STREAM") else { return false }
    return isJournal(descriptor: STDERR_FILENO, variable: variable)
  }

  static func isJournal(descriptor: Int32, variable: String) -> Bool {
    guard let named = Identity(variable: variable) else { return false }
    return named == Identity(descriptor: descriptor)
  }

  /// What tells one open stream from another on this machine.
  struct Identity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64

    init(device: UInt64, inode: UInt64) {
      self.device = device
      self.inode = inode
    }

    /// Reads `DEVICE:INODE`, both decimal.
    init?(variable: String) {
      let parts = variable.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let device = UInt64(parts[0]), let inode = UInt64(parts[1]) else {
        return nil
      }
      self.init(device: device, inode: inode)
    }

    init?(descriptor: Int32) {
      var status = stat()
      guard unsafe fstat(descriptor, &status) == 0 else { return nil }
      self.init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
  }
}
