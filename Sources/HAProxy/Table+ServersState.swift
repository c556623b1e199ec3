extension Table {
  /// Reads what `show servers state` answers, in its format version 1: that number on a line, the
  /// columns' names after `# `, then one line for each server, all split by spaces.
  package init(serversState reply: String) throws(MalformedReply) {
    let lines = reply.utf8.split(separator: UInt8(ascii: "\n"))
    guard let version = lines.first, lines.count >= 2, lines[1].starts(with: "# ".utf8) else {
      throw MalformedReply(expected: "the servers' state", found: reply)
    }
    guard version.elementsEqual("1".utf8) else {
      throw MalformedReply("the servers' state has format version \(Substring(version)), not 1")
    }
    var fields = Fields(expecting: reply.utf8.count)
    Self.addWords(of: lines[1].dropFirst(2), to: &fields)
    for line in lines.dropFirst(2) { Self.addWords(of: line, to: &fields) }
    self.init(fields)
  }

  private static func addWords(of line: Substring.UTF8View, to fields: inout Fields) {
    var isInWord = false
    for byte in line {
      if byte != UInt8(ascii: " ") {
        fields.append(byte)
        isInWord = true
      } else if isInWord {
        fields.endField()
        isInWord = false
      }
    }
    if isInWord { fields.endField() }
    fields.endRow()
  }
}
