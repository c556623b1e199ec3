/// The one line that `systemctl status` shows: the verdict.
package enum StatusLine {
  private static let mostTold = 3

  package static func text(for report: StatusReport) -> String {
    let verdict = report.verdict
    guard verdict.level > .ok else { return verdict.sentence }
    let told = verdict.findings.prefix(mostTold).map(\.text)
    let more = verdict.findings.count - told.count
    return "\(verdict.level.rawValue.uppercased()): " + told.joined(separator: "; ")
      + (more > 0 ? "; and \(more) more" : "")
  }
}
