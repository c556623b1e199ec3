extension Table {
  /// Reads what `show stat` answers: CSV whose header begins with `# `.
  ///
  /// Every line ends with a comma, so the last column has no name; the one named `-` separates the
  /// fields of optional modules from the others.
  package init(statistics reply: String) throws(MalformedReply) {
    guard reply.hasPrefix("# ") else {
      throw MalformedReply(expected: "statistics", found: reply)
    }
    let fields = try Self.csvFields(in: reply, from: 2)
    guard let header = fields.rows.first else {
      throw MalformedReply(expected: "statistics", found: reply)
    }
    if let row = fields.rows.first(where: { $0.count != header.count }) {
      throw MalformedReply("a row has \(row.count) fields under \(header.count) columns")
    }
    self.init(fields, header: header, rows: fields.rows.dropFirst())
  }

  /// Splits CSV with RFC 4180's quoting: a quoted field may hold commas, newlines and doubled
  /// quotes. Empty lines are no records, but there is always a first one.
  private static func csvFields(
    in text: String, from start: Int
  ) throws(MalformedReply) -> Fields {
    var fields = Fields(of: text)
    let bytes = fields.bytes
    var index = start
    while true {
      let isLineStart = fields.countInRow == 0
      if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
        fields.add(try quotedField(in: bytes, at: &index))
      } else {
        let first = index
        while index < bytes.count {
          let byte = bytes[index]
          if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n") { break }
          index += 1
        }
        let isEmptyLine =
          isLineStart && first == index
          && (index == bytes.count || bytes[index] == UInt8(ascii: "\n"))
        // A first row there always is, whatever is in it.
        if !isEmptyLine || fields.rows.isEmpty { fields.add(first..<index) }
      }
      let isLineEnd = index >= bytes.count || bytes[index] == UInt8(ascii: "\n")
      if isLineEnd, fields.countInRow > 0 { fields.endRow() }
      guard index < bytes.count else { return fields }
      index += 1
    }
  }

  /// - Parameter index: of its first quote; then behind its last.
  private static func quotedField(
    in bytes: [UInt8], at index: inout Int
  ) throws(MalformedReply) -> [UInt8] {
    var field: [UInt8] = []
    index += 1
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      guard byte == UInt8(ascii: "\"") else {
        field.append(byte)
        continue
      }
      guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else {
        guard
          index == bytes.count || bytes[index] == UInt8(ascii: ",")
            || bytes[index] == UInt8(ascii: "\n")
        else { throw MalformedReply("text follows a closing quote") }
        return field
      }
      field.append(byte)
      index += 1
    }
    throw MalformedReply("a quoted field does not end")
  }
}
