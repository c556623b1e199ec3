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
    let columns: [DemoSummary.Measurement?] =
      [before, after] + (summary.leastconn.map { [$0] } ?? [])
    let weights = before.weights.keys.sorted().map { server in
      row("weight of \(server)", columns.map { $0?.weights[server] }) { "\($0)" }
    }
    let heads = ["equal", "evenkeel"] + (summary.leastconn == nil ? [] : ["leastconn"])
    return [
      style.paint("".left(Column.name) + heads.map(head).joined(), .bold),
      row("spread", columns.map { $0?.spread }) { fixed($0, decimals: 2) },
      row("p50", columns.map { $0?.p50Milliseconds }) { brief(.milliseconds($0)) },
      row("p99", columns.map { $0?.p99Milliseconds }) { brief(.milliseconds($0)) },
      row("failed requests", columns.map { $0?.failed }) { "\($0)" },
    ] + weights
  }

  /// One JSON object with the keys `version`, `before`, `after` and `leastconn`.
  func json(for summary: DemoSummary) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(summary), as: UTF8.self)
  }

  private func head(_ text: String) -> String { text.right(Column.figure) }

  private func row<Figure>(
    _ name: String, _ figures: [Figure?], text: (Figure) -> String
  ) -> String {
    name.left(Column.name) + figures.map { head($0.map(text) ?? "-") }.joined()
  }
}
