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
  /// Where in it to look for the next marker's `>`: a long reply is searched once.
  private var searched = 0

  /// - Parameter limit: the most bytes that the whole conversation may have.
  package init(limit: Int) { self.limit = limit }

  /// Whether the first marker has come.
  package var isOpen: Bool { state == .replies }

  /// Whether a reply, or the greeting, has begun and not ended.
  package var isWithinReply: Bool { !pending.isEmpty }

  /// Takes what was received next.
  ///
  /// - Returns: the replies that it completes, without their final newlines.
  package mutating func receive(_ bytes: some Collection<UInt8>) throws(Violation) -> [String] {
    pending.append(contentsOf: bytes)
    if state == .greeting { try takeGreeting() }
    guard bytes.count <= limit - bytesReceived else {
      bytesReceived = limit
      throw .tooLong(limit: limit)
    }
    bytesReceived += bytes.count
    return state == .replies ? takeReplies() : []
  }

  private mutating func takeGreeting() throws(Violation) {
    let known = [Self.marker, Self.masterGreeting].map { greeting in
      zip(greeting, pending).prefix { $0 == $1 }.count
    }
    if known[0] == Self.marker.count {
      state = .replies
      pending.removeFirst(Self.marker.count)
    } else if known[1] == Self.masterGreeting.count {
      throw .masterSocket
    } else if let most = known.max(), most < pending.count {
      throw .unknownGreeting(String(decoding: pending[...most], as: UTF8.self))
    }
  }

  private mutating func takeReplies() -> [String] {
    var replies: [String] = []
    var start = 0
    while let end = nextMarker(after: start) {
      var reply = pending[start..<end]
      while reply.last == UInt8(ascii: "\n") { reply.removeLast() }
      replies.append(String(decoding: reply, as: UTF8.self))
      start = end + Self.marker.count
      searched = start
    }
    pending.removeFirst(start)
    searched -= start
    return replies
  }

  /// - Returns: where the next marker begins, `nil` while it has not come whole.
  private mutating func nextMarker(after start: Int) -> Int? {
    // Of the marker's three bytes the rarest in replies.
    while let angle = pending[searched...].firstIndex(of: UInt8(ascii: ">")) {
      searched = angle
      guard angle + 1 < pending.count else { return nil }
      searched += 1
      if angle > start, pending[(angle - 1)...(angle + 1)] == Self.marker[...] { return angle - 1 }
    }
    searched = pending.count
    return nil
  }
}
