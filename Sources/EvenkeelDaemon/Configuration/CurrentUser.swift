internal import Glibc

/// The user that this process runs as.
enum CurrentUser {
  /// By name where it has one: `user evenkeel`, else `the user with number 1000`.
  static var description: String {
    var entry = unsafe passwd()
    var buffer = [CChar](repeating: 0, count: 1 << 14)
    let name: String? = unsafe buffer.withUnsafeMutableBufferPointer { buffer in
      var found: UnsafeMutablePointer<passwd>?
      guard let start = buffer.baseAddress,
        unsafe getpwuid_r(geteuid(), &entry, start, buffer.count, &found) == 0,
        let name = unsafe found?.pointee.pw_name
      else { return nil }
      return unsafe String(cString: name)
    }
    return name.map { "user \($0)" } ?? "the user with number \(geteuid())"
  }
}
