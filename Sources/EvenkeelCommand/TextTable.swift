internal import Systemd

/// Rows of text in aligned columns. What a cell has is text of somebody's: nothing in it moves the
/// cursor, and columns are as wide as it is shown.
struct TextTable {
  private let header: [String]
  private let rightAligned: Set<Int>
  private var rows: [[String]] = []

  /// - Parameter rightAligned: the columns with numbers.
  init(_ header: [String], rightAligned: Set<Int> = []) {
    self.header = header
    self.rightAligned = rightAligned
  }

  mutating func add(_ row: [String]) { rows.append(row.map { $0.escapingControls() }) }

  var text: String {
    let all = [header] + rows
    let widths = header.indices.map { column in
      all.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
    }
    return all.map { row in
      row.enumerated().map { column, cell in
        let width = widths.indices.contains(column) ? widths[column] : cell.count
        let space = String(repeating: " ", count: max(0, width - cell.count))
        return rightAligned.contains(column) ? space + cell : cell + space
      }.joined(separator: "  ").trimmingTrailingSpaces
    }.joined(separator: "\n")
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    String(reversed().drop { $0 == " " }.reversed())
  }
}
