/// Rows of fields that are known by name, since their number and order differ between versions.
package struct Table {
  package struct Row {
    fileprivate let columns: [String: Int]
    fileprivate let fields: [String]
  }

  package let rows: [Row]

  /// - Parameter records: the fields of each row, in the order of `header`.
  init(header: [String], records: [[String]]) {
    let columns = Dictionary(
      header.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    rows = records.map { Row(columns: columns, fields: $0) }
  }
}

extension Table.Row {
  /// The text in a column; `nil` when this version has no such column, or the field is empty.
  package subscript(column: String) -> String? {
    guard let index = columns[column], fields.indices.contains(index), !fields[index].isEmpty
    else { return nil }
    return fields[index]
  }

  /// The text in a column that every version has.
  package func required(_ column: String) throws(MalformedReply) -> String {
    guard let text = self[column] else { throw MalformedReply("a row has no `\(column)`") }
    return text
  }

  /// The number in a column; `nil` when it is empty or absent. Beyond `Int.max` it is `Int.max`.
  package func number(_ column: String) throws(MalformedReply) -> Int? {
    guard let text = self[column] else { return nil }
    if let number = Int(text) { return number }
    guard let number = UInt64(text) else {
      throw MalformedReply("`\(column)` is not a number: \(String(reflecting: text))")
    }
    return Int(clamping: number)
  }

  /// The number in a column that every version has.
  package func requiredNumber(_ column: String) throws(MalformedReply) -> Int {
    guard let number = try number(column) else {
      throw MalformedReply("a row has no `\(column)`")
    }
    return number
  }
}
