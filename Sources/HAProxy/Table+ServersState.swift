extension Table {
  /// Reads what `show servers state` answers, in its format version 1: that number on a line, the
  /// columns' names after `# `, then one line for each server, all split by spaces.
  package init(serversState reply: String) throws(MalformedReply) {
    let fields = Self.words(of: reply)
    guard let version = fields.rows.first, fields.rows.count >= 2,
      let header = fields.rows[1].first,
      fields.text(of: header) == "#"
    else {
      throw MalformedReply(expected: "the servers' state", found: reply)
    }
    let told = fields.texts(of: version)
    guard told == ["1"] else {
      throw MalformedReply(
        "the servers' state has format version \(told.joined(separator: " ")), not 1")
    }
    self.init(fields, header: fields.rows[1].dropFirst(), rows: fields.rows.dropFirst(2))
  }

  /// The words of each line that has some.
  private static func words(of text: String) -> Fields {
    var fields = Fields(of: text)
    var start = 0
    func endWord(at end: Int) {
      if start < end { fields.add(start..<end) }
      start = end + 1
    }
    func endLine() { if fields.countInRow > 0 { fields.endRow() } }
    let bytes = fields.bytes
    for index in bytes.indices {
      switch bytes[index] {
      case UInt8(ascii: " "): endWord(at: index)
      case UInt8(ascii: "\n"):
        endWord(at: index)
        endLine()
      default: continue
      }
    }
    endWord(at: bytes.count)
    endLine()
    return fields
  }
}
