extension Table {
  /// Reads what `show stat` answers: CSV whose header begins with `# `.
  ///
  /// Every line ends with a comma, so the last column has no name; the one named `-` separates the
  /// fields of optional modules from the others.
  package init(statistics reply: String) throws(MalformedReply) {
    guard reply.hasPrefix("# ") else {
      throw MalformedReply(expected: "statistics", found: reply)
    }
    let fields = try Self.csvFields(in: reply.dropFirst(2).utf8)
    let columns = fields.rows.first?.count ?? 0
    if let row = fields.rows.first(where: { $0.count != columns }) {
      throw MalformedReply("a row has \(row.count) fields under \(columns) columns")
    }
    self.init(fields)
  }

  /// Splits CSV with RFC 4180's quoting: a quoted field may hold commas, newlines and doubled
  /// quotes. Empty lines are no records, but there is always a first one.
  private static func csvFields(
    in text: Substring.UTF8View
  ) throws(MalformedReply) -> Fields {
    enum State { case fieldStart, plain, quoted, quoteClosed }
    var fields = Fields(expecting: text.count)
    var state = State.fieldStart

    func endRow() {
      // A first row there always is, whatever is in it.
      let isEmpty = fields.isAtRowStart && !fields.rows.isEmpty
      state = .fieldStart
      guard !isEmpty else { return }
      fields.endField()
      fields.endRow()
    }

    for byte in text {
      switch (state, byte) {
      case (.quoted, UInt8(ascii: "\"")):
        state = .quoteClosed
      case (.fieldStart, UInt8(ascii: "\"")):
        state = .quoted
      case (.quoteClosed, UInt8(ascii: "\"")):
        fields.append(byte)
        state = .quoted
      case (.quoted, _):
        fields.append(byte)
      case (_, UInt8(ascii: ",")):
        fields.endField()
        state = .fieldStart
      case (_, UInt8(ascii: "\n")):
        endRow()
      case (.quoteClosed, _):
        throw MalformedReply("text follows a closing quote")
      case (.fieldStart, _), (.plain, _):
        fields.append(byte)
        state = .plain
      }
    }
    guard state != .quoted else { throw MalformedReply("a quoted field does not end") }
    endRow()
    return fields
  }
}
