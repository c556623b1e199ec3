import FoundationEssentials
import Terminal

/// Turns the summary into text for people, or for programs.
struct SummaryRenderer: Sendable {
  var style: TextStyle

  private enum Column {
    static let name = 18
    static let figure = 12
  }

  func lines(for summary: DemoSummary) -> [String] {
    guard let before = summary.before else {
      return ["stopped before there was anything to measure"]
    }
    guard let after = summary.after else {
      return [
        "stopped before evenkeel had steered; so far the spread was "
          + "\(fixed(before.spread, decimals: 2)) under equal weights"
      ]
    }
    let weights = before.weights.keys.sorted().map { server in
      row("weight of \(server)", before.weights[server], after.weights[server]) { "\($0)" }
    }
    return [
      style.paint("".left(Column.name) + head("equal") + head("evenkeel"), .bold),
      row("spread", before.spread, after.spread) { fixed($0, decimals: 2) },
      row("p50", before.p50Milliseconds, after.p50Milliseconds) { brief(.milliseconds($0)) },
      row("p99", before.p99Milliseconds, after.p99Milliseconds) { brief(.milliseconds($0)) },
      row("failed requests", before.failed, after.failed) { "\($0)" },
    ] + weights
  }

  /// One JSON object with the keys `version`, `before` and `after`.
  func json(for summary: DemoSummary) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(summary), as: UTF8.self)
  }

  private func head(_ text: String) -> String { text.right(Column.figure) }

  private func row<Figure>(
    _ name: String, _ before: Figure?, _ after: Figure?, text: (Figure) -> String
  ) -> String {
    name.left(Column.name) + head(before.map(text) ?? "-") + head(after.map(text) ?? "-")
  }
}
