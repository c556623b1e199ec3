import FoundationEssentials
import NIOCore

@testable import CAdvisor

/// A body as a real cAdvisor sent it; the folder's README tells which request it answers.
enum CapturedReply {
  static func body(_ name: String, version: String = "0.38.7") throws -> ByteBuffer {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file = folder.appending(path: "Replies/\(version)/\(name)")
    return ByteBuffer(bytes: try Data(contentsOf: file))
  }

  static func reply(_ name: String) throws -> Reply {
    Reply(body: try body(name), answeredAtNanoseconds: nil)
  }
}
