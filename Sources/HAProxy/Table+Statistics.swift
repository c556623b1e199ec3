extension Table {
  /// Reads what `show stat` answers: CSV whose header begins with `# `.
  ///
  /// Every line ends with a comma, so the last column has no name; the one named `-` separates the
  /// fields of optional modules from the others.
  package init(statistics reply: String) throws(MalformedReply) {
    guard reply.hasPrefix("# ") else {
      throw MalformedReply(expected: "statistics", found: reply)
    }
    var records = try Self.csvRecords(in: reply.dropFirst(2).utf8)
    let header = records.removeFirst()
    if let record = records.first(where: { $0.count != header.count }) {
      throw MalformedReply("a row has \(record.count) fields under \(header.count) columns")
    }
    self.init(header: header, records: records)
  }

  /// Splits CSV with RFC 4180's quoting: a quoted field may hold commas, newlines and doubled
  /// quotes. Empty lines are no records, but there is always a first one.
  private static func csvRecords(
    in text: Substring.UTF8View
  ) throws(MalformedReply) -> [[String]] {
    enum State { case fieldStart, plain, quoted, quoteClosed }
    var records: [[String]] = []
    var record: [String] = []
    var field: [UInt8] = []
    var state = State.fieldStart

    func endField() {
      record.append(String(decoding: field, as: UTF8.self))
      field.removeAll(keepingCapacity: true)
      state = .fieldStart
    }
    func endRecord() {
      endField()
      if record != [""] || records.isEmpty { records.append(record) }
      record = []
    }

    for byte in text {
      switch (state, byte) {
      case (.quoted, UInt8(ascii: "\"")):
        state = .quoteClosed
      case (.fieldStart, UInt8(ascii: "\"")):
        state = .quoted
      case (.quoteClosed, UInt8(ascii: "\"")):
        field.append(byte)
        state = .quoted
      case (.quoted, _):
        field.append(byte)
      case (_, UInt8(ascii: ",")):
        endField()
      case (_, UInt8(ascii: "\n")):
        endRecord()
      case (.quoteClosed, _):
        throw MalformedReply("text follows a closing quote")
      case (.fieldStart, _), (.plain, _):
        field.append(byte)
        state = .plain
      }
    }
    guard state != .quoted else { throw MalformedReply("a quoted field does not end") }
    endRecord()
    return records
  }
}
