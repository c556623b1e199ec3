internal import EvenkeelDaemon
internal import Glibc

/// Who may open a UNIX socket.
enum SocketAccess {
  struct Refused: Error, CustomStringConvertible {
    let description: String
  }

  /// Lets the daemon's user and a group look, and nobody else.
  ///
  /// - Parameter group: a name or a number; `nil` for the group that the daemon runs in.
  /// - Throws: where the group keeps out of it; the daemon's own may look all the same.
  static func open(_ path: String, to group: String?) throws(Refused) {
    _ = unsafe chmod(path, 0o660)
    guard let group else { return }
    guard let number = gid_t(group) ?? Self.number(of: group) else {
      throw Refused(description: "there is no group \"\(group)\" here (`status.group`)")
    }
    guard unsafe chown(path, uid_t.max, number) == 0 else {
      let words = unsafe String(cString: strerror(errno))
      throw Refused(
        description:
          "group \"\(group)\" (`status.group`) cannot have it: \(words); the daemon must "
          + "be a member of the group (in systemd's unit: examples/status-group.conf)")
    }
  }

  private static func number(of group: String) -> gid_t? {
    var entry = unsafe Glibc.group()
    // Large groups have long lists of members.
    var buffer = [CChar](repeating: 0, count: 1 << 20)
    return unsafe buffer.withUnsafeMutableBufferPointer { buffer in
      var found: UnsafeMutablePointer<Glibc.group>?
      guard let start = buffer.baseAddress,
        unsafe getgrnam_r(group, &entry, start, buffer.count, &found) == 0
      else { return nil }
      return unsafe found?.pointee.gr_gid
    }
  }
}
