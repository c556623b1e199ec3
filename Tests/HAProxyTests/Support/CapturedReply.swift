import FoundationEssentials

/// What real HAProxys answered; the folder's README tells what each was asked.
enum CapturedReply {
  static let versions = ["2.0.0", "2.6.12", "3.0.0", "3.5-dev5"]

  /// What was captured of every version, one command each, without `prompt`.
  static let singleCommands = [
    "info", "stat-web", "state-web", "state-all", "backends", "weight", "ok", "no-server",
    "no-backend", "range", "garbage", "static",
  ]

  static func bytes(_ name: String, version: String) throws -> [UInt8] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return [UInt8](try Data(contentsOf: folder.appending(path: "Replies/\(version)/\(name).txt")))
  }

  /// A reply as the framing hands it on: without its final newlines.
  static func text(_ name: String, version: String) throws -> String {
    var bytes = try bytes(name, version: version)
    while bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
