internal import Control

/// The family's figures as text: quantiles, and the scenarios that fared worst.
package struct FamilyTables: Hashable, Sendable {
  package let quantiles: ReportTable
  package let worst: ReportTable

  package static let legend = """
    Ratios are median/95th/worst, of evenkeel's figure over that of the same algorithm with the
    weights of its configuration; below 1 is a gain. `evenkeel simulate NAME` runs one again,
    `evenkeel simulate NAME --print` prints it as a file.
    P99       of the whole run, its start included; LATER of its second half
    FAILED    failures, with one more in a thousand requests on both sides
    ×ORACLE   evenkeel's p99 over the oracle's; BARE the same of the algorithm alone
    """

  private static let worstShown = 10

  package init(_ results: [FamilyResult]) {
    let summaries = FamilySummary.all(of: results)
    func column(
      _ title: String, _ quantiles: KeyPath<FamilySummary, FamilySummary.Quantiles?>
    ) -> ReportTable.Column {
      ReportTable.Column(
        title: title,
        cells: summaries.map { summary in
          guard let values = summary[keyPath: quantiles] else { return .init(text: "–") }
          let texts = [values.median, values.p95, values.worst].map { decimal($0, 2) }
          return .init(text: texts.joined(separator: "/"))
        })
    }
    quantiles = ReportTable(
      title: "SCENARIOS", labels: summaries.map { "\($0.scenarios) \($0.title)" },
      columns: [
        column("P99", \.p99ToBare), column("LATER", \.secondHalfP99ToBare),
        column("FAILED", \.failedToBare), column("×ORACLE", \.p99ToOracle),
        column("BARE", \.bareP99ToOracle),
      ])
    let ranked = results.sorted { ($0.harm, $1.member.number) > ($1.harm, $0.member.number) }
      .prefix(Self.worstShown)
    func ratios(_ title: String, _ ratio: (FamilyResult) -> Double?) -> ReportTable.Column {
      ReportTable.Column(
        title: title,
        cells: ranked.map { .init(text: ratio($0).map { decimal($0, 2) } ?? "–") })
    }
    func figures(_ title: String, _ text: (RequestFigures) -> String) -> ReportTable.Column {
      ReportTable.Column(
        title: title,
        cells: ranked.map { result in
          .init(
            text: [result.bare, result.steered, result.oracle].map { text($0.requests) }
              .joined(separator: "/"))
        })
    }
    worst = ReportTable(
      title: "WORST", labels: ranked.map(\.member.scenario.name),
      columns: [
        ratios("P99", \.p99ToBare), ratios("LATER", \.secondHalfP99ToBare),
        ratios("FAILED", \.failedToBare),
        figures("MS: BARE/EVENKEEL/ORACLE") { figures in
          figures.p99Milliseconds.map { decimal($0, 0) } ?? "–"
        },
        figures("FAILURES") { "\($0.failed)" },
        ReportTable.Column(
          title: "", cells: ranked.map { .init(text: $0.member.traits.summary) }),
      ])
  }
}

extension FamilyResult {
  /// The worst that can be said of it.
  fileprivate var harm: Double { max(p99ToBare ?? 0, secondHalfP99ToBare ?? 0, failedToBare) }
}
