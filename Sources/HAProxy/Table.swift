/// Rows of fields that are known by name, since their number and order differ between versions.
///
/// The fields stay where they are in one text, and become values when they are asked for: a row of
/// statistics has a hundred, of which twenty are of use.
package struct Table {
  package struct Row {
    fileprivate let columns: [String: Int]
    fileprivate let fields: Fields
    /// Where its first field is among all.
    fileprivate let first: Int
    /// How many it has.
    fileprivate let count: Int
  }

  package let rows: [Row]

  /// - Parameter fields: of all rows; those of the first are the columns' names.
  init(_ fields: Fields) {
    let header = fields.rows.first.map { fields.texts(of: $0) } ?? []
    let columns = Dictionary(
      header.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    rows = fields.rows.dropFirst().map {
      Row(columns: columns, fields: fields, first: $0.lowerBound, count: $0.count)
    }
  }
}

extension Table {
  /// Fields one after the other, and which of them make a row.
  struct Fields {
    private var bytes: [UInt8] = []
    /// Where each field ends; it begins where the one before ends.
    private var ends: [Int] = []
    private(set) var rows: [Range<Int>] = []

    init(expecting length: Int) { bytes.reserveCapacity(length) }

    /// Whether the row that is being read has no byte yet.
    var isAtRowStart: Bool {
      ends.count == (rows.last?.upperBound ?? 0) && bytes.count == (ends.last ?? 0)
    }

    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    mutating func endField() { ends.append(bytes.count) }

    mutating func endRow() { rows.append((rows.last?.upperBound ?? 0)..<ends.count) }

    func bytes(of field: Int) -> ArraySlice<UInt8> {
      guard ends.indices.contains(field) else { return [] }
      return bytes[(field > 0 ? ends[field - 1] : 0)..<ends[field]]
    }

    func texts(of row: Range<Int>) -> [String] {
      row.map { String(decoding: bytes(of: $0), as: UTF8.self) }
    }
  }
}

extension Table.Row {
  /// The bytes in a column; `nil` when this version has no such column, or the field is empty.
  private func bytes(_ column: String) -> ArraySlice<UInt8>? {
    guard let index = columns[column], index < count else { return nil }
    let bytes = fields.bytes(of: first + index)
    return bytes.isEmpty ? nil : bytes
  }

  /// The text in a column; `nil` when this version has no such column, or the field is empty.
  package subscript(column: String) -> String? {
    bytes(column).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The text in a column that every version has.
  package func required(_ column: String) throws(MalformedReply) -> String {
    guard let text = self[column] else { throw MalformedReply("a row has no `\(column)`") }
    return text
  }

  /// The number in a column; `nil` when it is empty or absent. Beyond `Int.max` it is `Int.max`.
  package func number(_ column: String) throws(MalformedReply) -> Int? {
    guard let bytes = bytes(column) else { return nil }
    if let number = Self.shortNumber(bytes) { return number }
    let text = String(decoding: bytes, as: UTF8.self)
    if let number = Int(text) { return number }
    guard let number = UInt64(text) else {
      throw MalformedReply("`\(column)` is not a number: \(String(reflecting: text))")
    }
    return Int(clamping: number)
  }

  /// Digits that fit whatever they are.
  private static func shortNumber(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard bytes.count <= 18 else { return nil }
    var number = 0
    for byte in bytes {
      let digit = byte &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      number = number * 10 + Int(digit)
    }
    return number
  }

  /// The number in a column that every version has.
  package func requiredNumber(_ column: String) throws(MalformedReply) -> Int {
    guard let number = try number(column) else {
      throw MalformedReply("a row has no `\(column)`")
    }
    return number
  }
}
