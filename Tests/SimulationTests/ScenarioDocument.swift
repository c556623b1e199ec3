import FoundationEssentials

/// The table for authors of scenarios.
struct ScenarioDocument {
  /// A key as the table has it, each cell without its quotes.
  struct Row {
    let key: String
    /// A range such as `0…1`, choices, or words.
    let allowed: String
    /// JSON, or words.
    let standard: String
  }

  static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Sources/Simulation/Scenarios")

  let text: String

  init() throws {
    text = try String(contentsOf: Self.folder.appending(path: "README.md"), encoding: .utf8)
  }

  /// The rows below a heading.
  func rows(under heading: String) -> [Row] {
    let sections = text.split(separator: "\n### ").dropFirst()
    guard let section = sections.first(where: { $0.hasPrefix("\(heading)\n") }) else { return [] }
    return section.split(separator: "\n## ").prefix(1).flatMap { $0.split(separator: "\n") }
      .filter { $0.hasPrefix("| `") }
      .map { line in
        let cells = line.split(separator: "|").map { cell in
          String(
            cell.filter { $0 != "`" }.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        return Row(key: cells[0], allowed: cells[1], standard: cells[2])
      }
  }

  /// The first example of a whole scenario.
  var example: Substring? {
    text.split(separator: "```json\n").dropFirst().first?.split(separator: "```").first
  }
}
