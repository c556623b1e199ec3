/// Finds where replies end in what HAProxy sends in `prompt` mode.
///
/// Every reply ends with the marker `\n> `, and nothing else does in all versions: the empty line
/// that ends most replies is missing after some errors. The first marker answers `prompt` itself.
package struct PromptFraming {
  package enum Violation: Error, Hashable {
    /// It greets as HAProxy's master process does.
    case masterSocket
    /// It does not greet as HAProxy does; the beginning of what it said.
    case unknownGreeting(String)
    /// More bytes came than all replies together may have.
    case tooLong(limit: Int)
  }

  private enum State {
    case greeting
    case replies
  }

  private static let marker = Array("\n> ".utf8)
  /// Followed by `> `, or by `[ReloadFailed]> `.
  private static let masterGreeting = Array("master".utf8)

  private let limit: Int
  private var state = State.greeting
  private var bytesReceived = 0
  /// What came since the last marker.
  private var pending: [UInt8] = []

  /// - Parameter limit: the most bytes that the whole conversation may have.
  package init(limit: Int) { self.limit = limit }

  /// Whether the first marker has come.
  package var isOpen: Bool { state == .replies }

  /// Whether a reply, or the greeting, has begun and not ended.
  package var isWithinReply: Bool { !pending.isEmpty }

  /// Takes what was received next.
  ///
  /// - Returns: the replies that it completes, without their final newlines.
  package mutating func receive(_ bytes: some Sequence<UInt8>) throws(Violation) -> [String] {
    var replies: [String] = []
    for byte in bytes {
      guard bytesReceived < limit else { throw .tooLong(limit: limit) }
      bytesReceived += 1
      pending.append(byte)
      switch state {
      case .greeting: try advanceGreeting()
      case .replies: if let reply = takeReply() { replies.append(reply) }
      }
    }
    return replies
  }

  private mutating func advanceGreeting() throws(Violation) {
    if pending == Self.marker {
      state = .replies
      pending = []
    } else if pending == Self.masterGreeting {
      throw .masterSocket
    } else if !Self.marker.starts(with: pending), !Self.masterGreeting.starts(with: pending) {
      throw .unknownGreeting(String(decoding: pending, as: UTF8.self))
    }
  }

  private mutating func takeReply() -> String? {
    guard pending.last == Self.marker.last, pending.suffix(Self.marker.count) == Self.marker[...]
    else { return nil }
    pending.removeLast(Self.marker.count)
    while pending.last == UInt8(ascii: "\n") { pending.removeLast() }
    defer { pending.removeAll(keepingCapacity: true) }
    return String(decoding: pending, as: UTF8.self)
  }
}
