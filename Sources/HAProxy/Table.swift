/// Rows of fields that are known by name, since their number and order differ between versions.
///
/// The fields stay where they are in one text, and become values when they are asked for: a row of
/// statistics has a hundred, of which twenty are of use.
package struct Table {
  package struct Row {
    fileprivate let sheet: Sheet
    /// Where its fields are among all.
    fileprivate let place: Range<Int>
  }

  /// A column that is looked up once for all rows.
  struct Column {
    fileprivate let name: String
    /// `nil` when this version has no such column.
    fileprivate let index: Int?
  }

  /// What all rows share, behind one reference.
  fileprivate final class Sheet: Sendable {
    private let columns: [String: Int]
    let fields: Fields

    init(columns: [String: Int], fields: Fields) {
      self.columns = columns
      self.fields = fields
    }

    func column(_ name: String) -> Column { Column(name: name, index: columns[name]) }
  }

  package let rows: [Row]
  private let sheet: Sheet

  /// - Parameters:
  ///   - header: the columns' names.
  ///   - rows: those below it.
  init(_ fields: Fields, header: Range<Int>, rows: some Sequence<Range<Int>>) {
    let columns = Dictionary(
      fields.texts(of: header).enumerated().map { ($1, $0) },
      uniquingKeysWith: { first, _ in first })
    let sheet = Sheet(columns: columns, fields: fields)
    self.sheet = sheet
    self.rows = rows.map { Row(sheet: sheet, place: $0) }
  }

  func column(_ name: String) -> Column { sheet.column(name) }
}

extension Table {
  /// Where in a text fields are, and which of them make a row.
  struct Fields: Sendable {
    /// The text, and behind it what fields are that do not stand in it as they are.
    private(set) var bytes: [UInt8]
    /// In 32 bits, as there are many: no reply is that long.
    private var fields: [Range<UInt32>] = []
    private(set) var rows: [Range<Int>] = []
    /// Where the row begins that is being read.
    private var rowStart = 0

    init(of text: String) { bytes = Array(text.utf8) }

    /// How many fields the row has that is being read.
    var countInRow: Int { fields.count - rowStart }

    mutating func add(_ field: Range<Int>) {
      fields.append(UInt32(clamping: field.lowerBound)..<UInt32(clamping: field.upperBound))
    }

    /// A field that is not in the text.
    mutating func add(_ field: [UInt8]) {
      add(bytes.count..<(bytes.count + field.count))
      bytes += field
    }

    mutating func endRow() {
      rows.append(rowStart..<fields.count)
      rowStart = fields.count
    }

    /// Where a field is; empty for one that there is not.
    func place(of field: Int) -> Range<Int> {
      guard fields.indices.contains(field) else { return 0..<0 }
      return Int(fields[field].lowerBound)..<Int(fields[field].upperBound)
    }

    func text(of field: Int) -> String { String(decoding: bytes[place(of: field)], as: UTF8.self) }

    func texts(of row: Range<Int>) -> [String] { row.map(text) }
  }
}

extension Table.Row {
  /// Where a column's bytes are; `nil` when this version has no such column, or the field is empty.
  private func place(_ column: Table.Column) -> Range<Int>? {
    guard let index = column.index, index < place.count else { return nil }
    let bytes = sheet.fields.place(of: place.lowerBound + index)
    return bytes.isEmpty ? nil : bytes
  }

  private func text(at place: Range<Int>) -> String {
    String(decoding: sheet.fields.bytes[place], as: UTF8.self)
  }

  /// The text in a column; `nil` when this version has no such column, or the field is empty.
  subscript(column: Table.Column) -> String? { place(column).map(text) }

  /// Whether a text is what stands in a column.
  func has(_ text: String, in column: Table.Column) -> Bool {
    place(column).map { sheet.fields.bytes[$0].elementsEqual(text.utf8) } ?? false
  }

  /// The text in a column that every version has.
  func required(_ column: Table.Column) throws(MalformedReply) -> String {
    guard let text = self[column] else { throw MalformedReply("a row has no `\(column.name)`") }
    return text
  }

  /// The number in a column; `nil` when it is empty or absent. Beyond `Int.max` it is `Int.max`.
  func number(_ column: Table.Column) throws(MalformedReply) -> Int? {
    guard let place = place(column) else { return nil }
    if let number = shortNumber(at: place) { return number }
    let text = text(at: place)
    if let number = Int(text) { return number }
    guard let number = UInt64(text) else {
      throw MalformedReply("`\(column.name)` is not a number: \(String(reflecting: text))")
    }
    return Int(clamping: number)
  }

  /// Digits that fit whatever they are.
  private func shortNumber(at place: Range<Int>) -> Int? {
    guard place.count <= 18 else { return nil }
    var number = 0
    for byte in sheet.fields.bytes[place] {
      let digit = byte &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      number = number * 10 + Int(digit)
    }
    return number
  }

  /// The number in a column that every version has.
  func requiredNumber(_ column: Table.Column) throws(MalformedReply) -> Int {
    guard let number = try number(column) else {
      throw MalformedReply("a row has no `\(column.name)`")
    }
    return number
  }
}

/// The same for one row alone.
extension Table.Row {
  package subscript(column: String) -> String? { self[sheet.column(column)] }

  package func number(_ column: String) throws(MalformedReply) -> Int? {
    try number(sheet.column(column))
  }

  package func requiredNumber(_ column: String) throws(MalformedReply) -> Int {
    try requiredNumber(sheet.column(column))
  }
}
