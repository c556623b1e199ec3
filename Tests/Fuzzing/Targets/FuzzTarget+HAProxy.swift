import HAProxy
import TestSupport

extension FuzzTarget {
  private static let tokens = [
    "# ", "web,", "web BACKEND", ",,,,", "\"\"", "\"a\"\"b\"", "\"a\nb\"", "1\n", "2\n", "be_name",
    "srv_name", "srv_op_state", "srv_admin_state", "type", "\n> ", "\n\n> ", "master> ",
    "No such proxy.", "Pid: ", "Stopping: ", "Version: ",
  ]
  /// ASCII's record separator.
  private static let separator = "\u{1E}"

  /// `show stat` and `show servers state` of one backend.
  static func haproxyTables() throws -> FuzzTarget {
    let corpus =
      try Corpus.haproxy(["stat-web.txt", "state-web.txt"], separator: separator)
      + Corpus.written(for: "haproxy-tables")
    return FuzzTarget("haproxy-tables", corpus: corpus, tokens: tokens) { bytes in
      let parts = bytes.split(separator: 0x1E, maxSplits: 1, omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
      try refusing {
        let statistics = try Table(statistics: parts.first ?? "")
        let states = try Table(serversState: parts.dropFirst().first ?? "")
        guard
          let backend = try RuntimeBackend(named: "web", statistics: statistics, states: states)
        else { return }
        try require(backend.servers.count <= states.rows.count, "servers out of nothing")
        for server in backend.servers { _ = server.counters.responses }
      }
    }
  }

  /// `show info`.
  static func haproxyInfo() throws -> FuzzTarget {
    FuzzTarget("haproxy-info", corpus: try Corpus.haproxy(["info.txt"]), tokens: tokens) { bytes in
      try refusing { _ = try RuntimeProcess(reply: String(decoding: bytes, as: UTF8.self)) }
    }
  }

  /// Where replies end, however the bytes arrive.
  static func haproxyFraming() throws -> FuzzTarget {
    let corpus =
      try Corpus.haproxy(["prompt-lines.txt"]) + Corpus.haproxy(["prompt-semicolons.txt"])
      + Corpus.haproxy(["info.txt", "stat-web.txt", "state-web.txt"], separator: "\n\n> ")
      .map { Array("\n> ".utf8) + $0 + Array("\n\n> ".utf8) }
    return FuzzTarget("haproxy-framing", corpus: corpus, tokens: tokens) { bytes in
      let whole = framed([bytes[...]])
      let pieces = stride(from: 0, to: bytes.count, by: 7).map {
        bytes[$0..<min(bytes.count, $0 + 7)]
      }
      try require(framed(pieces) == whole, "in pieces it is framed otherwise than at once")
      if case .success(let replies) = whole {
        let length = replies.reduce(0) { $0 + $1.unicodeScalars.count }
        try require(length <= bytes.count, "more came out than went in")
      }
    }
  }

  private static func framed(
    _ pieces: [ArraySlice<UInt8>]
  ) -> Result<[String], PromptFraming.Violation> {
    var framing = PromptFraming(limit: 16_384)
    var replies: [String] = []
    do throws(PromptFraming.Violation) {
      for piece in pieces { replies += try framing.receive(piece) }
      return .success(replies)
    } catch {
      return .failure(error)
    }
  }

  private static func refusing(_ decode: () throws -> Void) throws {
    do {
      try decode()
    } catch let refusal as MalformedReply {
      try require(!refusal.reason.isEmpty, "refused without a word")
      try require(refusal.reason.utf8.count <= 2_000, "refused with too many words")
    }
  }
}
