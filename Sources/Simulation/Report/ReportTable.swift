/// Cells of text; the numbers in them are padded already, so that all columns are left-aligned.
package struct ReportTable: Hashable, Sendable {
  package var header: [String] = []
  package var rows: [[String]] = []

  /// A column before it is padded: a figure in each row, and what stands in parentheses after it.
  struct Column {
    var title: String
    var cells: [Cell]

    struct Cell {
      var text: String
      var worst: String?
    }

    /// As wide as its widest figure, and after it the widest parentheses.
    var padded: (title: String, cells: [String]) {
      let width = max(title.count, cells.map(\.text.count).max() ?? 0)
      return (
        title.padded(to: width),
        cells.map { $0.text.padded(to: width) + ($0.worst.map { " (\($0))" } ?? "") }
      )
    }
  }

  /// - Parameter labels: the first column's cells.
  init(title: String, labels: [String], columns: [Column]) {
    header = [title]
    rows = labels.map { [$0] }
    for column in columns {
      let (title, cells) = column.padded
      header.append(title)
      rows = zip(rows, cells).map { $0 + [$1] }
    }
  }

  /// Characters of the widest row, with two spaces between columns.
  var width: Int {
    let all = [header] + rows
    let columns = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return columns.reduce(0, +) + 2 * max(0, columns.count - 1)
  }

  /// As few tables as are needed for none to be wider than `limit`, each with the first column.
  ///
  /// Columns of a group are torn apart only if the group alone is too wide.
  static func tables(
    title: String, labels: [String], groups: [[Column]], limit: Int
  ) -> [ReportTable] {
    func table(_ columns: [Column]) -> ReportTable {
      ReportTable(title: title, labels: labels, columns: columns)
    }
    let whole = table(groups.flatMap { $0 })
    guard whole.width > limit else { return [whole] }
    var tables: [ReportTable] = []
    for group in groups {
      var columns: [Column] = []
      for column in group {
        if !columns.isEmpty, table(columns + [column]).width > limit {
          tables.append(table(columns))
          columns = []
        }
        columns.append(column)
      }
      if !columns.isEmpty { tables.append(table(columns)) }
    }
    return tables
  }
}

extension String {
  /// With spaces before it.
  fileprivate func padded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
