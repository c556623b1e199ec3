import Glibc
import Testing

/// A UNIX datagram socket in a folder of its own, as systemd's end of NOTIFY_SOCKET.
final class DatagramSocket {
  let path: String
  private let folder: String
  private let descriptor: Int32

  init() throws {
    // Not where TMPDIR may point: a socket's path has 107 bytes at most.
    var template = Array("/tmp/notify-XXXXXX".utf8CString)
    try #require(unsafe mkdtemp(&template) != nil)
    folder = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
    path = folder + "/socket"
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    try #require(descriptor >= 0)

    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let name = Array(path.utf8)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
    let bound = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
  }

  deinit {
    close(descriptor)
    unsafe unlink(path)
    unsafe rmdir(folder)
  }

  /// The next message that has arrived; `nil` when there is none.
  func receive() -> String? {
    var buffer = [UInt8](repeating: 0, count: 8_192)
    let count = unsafe recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    guard count >= 0 else { return nil }
    return String(decoding: buffer.prefix(count), as: UTF8.self)
  }
}
