import Terminal

/// Turns a frame into lines of text, none wider than the style's width.
struct FrameRenderer: Sendable {
  var style: TextStyle

  private enum Column {
    static let server = 10
    static let percent = 7
    static let weight = 9
    static let rate = 13
    static let bar = 6...40
  }

  func lines(for frame: Frame) -> [String] {
    var lines = [
      styled(phase(of: frame), .bold), fitted(totals(of: frame)), "", styled(header, .dim),
    ]
    lines += frame.rows.map(line)
    var others: [String] = []
    if let before = frame.before { others.append("under equal weights: \(figures(of: before))") }
    if let leastconn = frame.leastconn {
      others.append("leastconn, beside it: \(figures(of: leastconn))")
    }
    if !others.isEmpty { lines.append("") }
    lines += others.map { styled($0, .dim) }
    if let remark = frame.remark { lines.append(styled("evenkeel: \(remark)", .dim)) }
    return lines
  }

  /// The bar takes what the other columns leave.
  private var barWidth: Int {
    let rest = style.width - Column.server - Column.percent - Column.weight - Column.rate
    return min(max(rest, Column.bar.lowerBound), Column.bar.upperBound)
  }

  private func phase(of frame: Frame) -> String {
    switch frame.phase {
    case .equal(let remaining):
      let seconds = fixed((remaining / .seconds(1)).rounded(.up), decimals: 0)
      return "equal weights, evenkeel takes over in \(seconds) s"
    case .steering:
      return "evenkeel steers, \(fixed(frame.elapsed / .seconds(1), decimals: 0)) s since the start"
    }
  }

  private func totals(of frame: Frame) -> String {
    let failed = frame.latency.map { $0.failed > 0 ? "   \($0.failed) failed" : "" } ?? ""
    return "spread \(frame.spread.map { fixed($0, decimals: 2) } ?? unknown)"
      + "   p50 \(frame.latency.map { brief($0.p50) } ?? unknown)"
      + "   p99 \(frame.latency.map { brief($0.p99) } ?? unknown)"
      + "   \(frame.requestRate.map { fixed($0, decimals: 0) } ?? unknown) requests/s\(failed)"
  }

  private var header: String {
    "server".left(Column.server) + "utilisation".left(barWidth + Column.percent)
      + "weight".right(Column.weight) + "requests/s".right(Column.rate)
  }

  private func line(for row: Frame.Row) -> String {
    let percent = row.utilisation.map { "\(fixed($0 * 100, decimals: 0)) %" } ?? unknown
    let line =
      row.server.left(Column.server - 1) + " "
      + style.bar(row.utilisation ?? 0, columns: barWidth) + percent.right(Column.percent)
      + (row.weight.map(String.init) ?? unknown).right(Column.weight)
      + (row.requestRate.map { fixed($0, decimals: 1) } ?? unknown).right(Column.rate)
    guard let utilisation = row.utilisation else { return fitted(line) }
    return styled(line, utilisation >= 0.9 ? .red : utilisation >= 0.75 ? .yellow : .green)
  }

  private func figures(of measurement: DemoSummary.Measurement) -> String {
    "spread \(fixed(measurement.spread, decimals: 2))"
      + "   p50 \(brief(.milliseconds(measurement.p50Milliseconds)))"
      + "   p99 \(brief(.milliseconds(measurement.p99Milliseconds)))"
  }

  private var unknown: String { style.hasUnicode ? "–" : "-" }

  private func fitted(_ line: String) -> String { String(line.prefix(style.width)) }

  /// Cut before it is painted: escape sequences take no columns.
  private func styled(_ line: String, _ colour: TextStyle.Colour) -> String {
    style.paint(fitted(line), colour)
  }
}
