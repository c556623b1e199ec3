internal import Glibc
internal import NIOCore

/// Who is at the other end of a local socket, as the kernel tells.
struct LocalUser: Sendable {
  let id: UInt32

  /// Root, and whoever this process is.
  var mayGiveOrders: Bool { id == 0 || id == geteuid() }

  var name: String {
    var entry = unsafe passwd()
    var found: UnsafeMutablePointer<passwd>?
    var room = [CChar](repeating: 0, count: 4096)
    // The name points into the room.
    let name: String? = unsafe room.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress,
        unsafe getpwuid_r(id, &entry, start, buffer.count, &found) == 0, unsafe found != nil,
        let name = unsafe entry.pw_name
      else { return nil }
      return unsafe String(cString: name)
    }
    return name ?? "user \(id)"
  }

  /// `struct ucred` of Linux.
  private struct Credentials: Sendable {
    var process: Int32
    var user: UInt32
    var group: UInt32
  }

  /// - Returns: `nil` where the kernel does not tell.
  static func atOtherEnd(of channel: any Channel) async -> LocalUser? {
    guard let provider = channel as? any SocketOptionProvider else { return nil }
    let credentials: Credentials? = try? await provider.unsafeGetSocketOption(
      level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
    ).get()
    return credentials.map { LocalUser(id: $0.user) }
  }
}
