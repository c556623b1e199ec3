extension Table {
  /// Reads what `show servers state` answers, in its format version 1: that number on a line, the
  /// columns' names after `# `, then one line for each server, all split by spaces.
  package init(serversState reply: String) throws(MalformedReply) {
    let lines = reply.split(separator: "\n")
    guard let version = lines.first, lines.count >= 2, lines[1].hasPrefix("# ") else {
      throw MalformedReply(expected: "the servers' state", found: reply)
    }
    guard version == "1" else {
      throw MalformedReply("the servers' state has format version \(version), not 1")
    }
    self.init(
      header: Self.words(lines[1].dropFirst(2)),
      records: lines.dropFirst(2).map(Self.words))
  }

  private static func words(_ line: Substring) -> [String] {
    line.utf8.split(separator: UInt8(ascii: " ")).map { String(Substring($0)) }
  }
}
