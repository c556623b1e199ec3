import EvenkeelDaemon
import FoundationEssentials
import Glibc
import TestSupport
import Testing

@testable import StatusServer

/// Who may open a status that is a UNIX socket.
@Suite(.timeLimit(.minutes(2))) struct SocketGroupTests {
  /// A group that this process is in, best one that new files do not have by themselves.
  private static var group: gid_t {
    var groups = [gid_t](repeating: 0, count: 1024)
    let count = unsafe getgroups(CInt(groups.count), &groups)
    return groups.prefix(max(0, Int(count))).first { $0 != getegid() }
      ?? (geteuid() == 0 ? 4 : getegid())
  }

  private struct Access: Equatable {
    var mode: Int
    var group: gid_t
  }

  private static func access(to path: String) throws -> Access {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    func number(_ key: FileAttributeKey) throws -> Int {
      try #require(attributes[key].flatMap { Int("\($0)") })
    }
    return try Access(
      mode: number(.posixPermissions), group: gid_t(number(.groupOwnerAccountID)))
  }

  private static var path: String {
    FileManager.default.temporaryDirectory.path + "/ek-\(UUID().uuidString.prefix(8))"
  }

  @Test func `the socket is given to the group that is configured`() async throws {
    let path = Self.path
    let group = Self.group
    try await ServedStatus.run(at: "unix:\(path)", more: ", \"group\": \"\(group)\"") { status in
      #expect(await status.address() == "unix:\(path)")
      #expect(try Self.access(to: path) == Access(mode: 0o660, group: group))
      await status.tick()
      let client = try StatusClient(.unix(path: path), token: nil)
      #expect(try await client.status().tick == 1)
      #expect(!status.log.all.contains { $0.contains("status.group") })
    }
  }

  @Test func `a group that is not there is told, and the daemon's own looks all the same`()
    async throws
  {
    let path = Self.path
    try await ServedStatus.run(at: "unix:\(path)", more: #", "group": "nobodys.group""#) { status in
      _ = await status.address()
      let access = try Self.access(to: path)
      #expect(access == Access(mode: 0o660, group: getegid()))
      #expect(
        status.log.all.contains {
          $0.contains(
            "for evenkeel's own user and group alone: there is no group \"nobodys.group\"")
        })
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root may give to any group"))
  func `a group that the daemon is not in is told with the cure`() throws {
    let path = Self.path
    try Data().write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let refusal = #expect(throws: SocketAccess.Refused.self) {
      try SocketAccess.open(path, to: "root")
    }
    #expect(refusal?.description.contains("must be a member") == true)
  }

  @Test func `a reload that changes the group opens the socket anew`() async throws {
    let path = Self.path
    let group = Self.group
    try await ServedStatus.run(at: "unix:\(path)") { status in
      _ = await status.address()
      #expect(try Self.access(to: path).group == getegid())
      status.board.take(
        try ServedStatus.configuration(at: "unix:\(path)", more: ", \"group\": \"\(group)\""),
        token: nil)
      _ = await status.address()
      #expect(try Self.access(to: path).group == group)
    }
  }
}
