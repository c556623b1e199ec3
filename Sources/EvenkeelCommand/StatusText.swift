internal import Control
internal import EvenkeelDaemon
internal import Terminal

/// A status as lines of text, none wider than a terminal.
struct StatusText: Sendable {
  let style: TextStyle

  private static let shownChanges = 5

  func lines(for report: StatusReport) -> [String] {
    var lines = [header(report)]
    if !report.loopOk { lines.append(paint("the loop does not go on", .red)) }
    if !report.ready { lines.append(paint("the first look is not complete", .yellow)) }
    if let reason = report.reloadRefused {
      lines.append(paint("reload refused, the earlier configuration goes on:", .red))
      lines += reason.split(whereSeparator: \.isNewline).map { paint("  \($0)", .red) }
    }
    for backend in report.backends { lines += [""] + self.lines(for: backend, report) }
    return lines + [""] + peers(report)
  }

  /// What is shown when the daemon gives no answer.
  func lost(_ reason: String) -> [String] { [paint(reason, .red), "", "trying again"] }

  private func header(_ report: StatusReport) -> String {
    let now = report.now
    let up = age(now.seconds(since: report.startedAt))
    let tick = report.tickAt.map { ", tick \(report.tick) \(age(now.seconds(since: $0))) ago" }
    return paint(
      "evenkeel \(report.evenkeel), up \(up)\(tick ?? ""), every \(age(report.intervalSeconds)), "
        + "\(report.weightChanges) weights changed; \(report.configFile)", .bold)
  }

  private func lines(for backend: StatusReport.Backend, _ report: StatusReport) -> [String] {
    let table = backend.table.text.split(separator: "\n", omittingEmptySubsequences: false)
    // A server has a line for each of its weights.
    let owners = backend.listed.flatMap { server in server.weights.map { _ in server } }
    let rows = zip(table.dropFirst(), owners).map { line, server in
      paint(String(line), server.colour)
    }
    var lines =
      [paint(backend.title, backend.isSteering ? .bold : .yellow)]
      + [backend.levelling?.text].compactMap(\.self).map { fitted("  " + $0) }
      + table.prefix(1).map { paint(String($0), .dim) } + rows
    if let slots = backend.slotsText { lines.append(paint(slots, .dim)) }
    let now = report.now
    for change in backend.changes.prefix(Self.shownChanges) {
      lines.append(
        paint(
          "  \(age(now.seconds(since: change.at))) ago: \(change.server) on "
            + "\(change.balancer): \(change.old) → \(change.new) (\(change.reason))", .dim))
    }
    return lines
  }

  private func peers(_ report: StatusReport) -> [String] {
    let now = report.now
    var table = TextTable(["PART", "NAME", "LAST ANSWER", "FAILURE"])
    func last(_ moment: Moment?) -> String {
      moment.map { "\(age(now.seconds(since: $0))) ago" } ?? "never"
    }
    for endpoint in report.endpoints {
      table.add(["cAdvisor", endpoint.name, last(endpoint.answeredAt), endpoint.failure ?? ""])
    }
    for balancer in report.balancers {
      table.add(["HAProxy", balancer.name, last(balancer.answeredAt), balancer.failure ?? ""])
    }
    let lines = table.text.split(separator: "\n")
    let areUp = report.endpoints.map(\.up) + report.balancers.map(\.up)
    return lines.prefix(1).map { paint(String($0), .dim) }
      + zip(lines.dropFirst(), areUp).map { line, isUp in
        isUp ? fitted(String(line)) : paint(String(line), .red)
      }
  }

  private func age(_ seconds: Double) -> String {
    switch seconds {
    case ..<10: "\(decimal(max(0, seconds), seconds == seconds.rounded() ? 0 : 1)) s"
    case ..<120: "\(decimal(seconds, 0)) s"
    case ..<7200: "\(decimal(seconds / 60, 0)) min"
    case ..<172_800: "\(decimal(seconds / 3600, 0)) h"
    default: "\(decimal(seconds / 86_400, 0)) days"
    }
  }

  private func fitted(_ line: String) -> String { String(line.shown.prefix(style.width)) }

  /// Cut before it is painted: escape sequences take no columns.
  private func paint(_ line: String, _ colour: TextStyle.Colour?) -> String {
    colour.map { style.paint(fitted(line), $0) } ?? fitted(line)
  }
}

extension StatusReport.Server {
  fileprivate var colour: TextStyle.Colour? {
    if heldByFault { return .yellow }
    if held != nil { return .dim }
    return utilisation.map { $0 >= 0.95 ? .red : nil } ?? nil
  }
}

/// The table that `plan` and `status` share.
extension StatusReport.Backend {
  var title: String {
    let figures = [
      demandPerSecond.map { "\(decimal($0, 1)) requests/s" },
      meanUtilisation.map { "mean utilisation \(decimal($0, 2))" },
      spread.map { "spread \(decimal($0, 2))" },
    ].compactMap(\.self)
    return "backend \(name) (\(mode)): \(condition)"
      + (figures.isEmpty ? "" : "; " + figures.joined(separator: ", "))
  }

  /// Servers that have a line of their own.
  var listed: [StatusReport.Server] { servers.filter { !$0.isEmptySlot } }

  var table: TextTable {
    var table = TextTable(
      ["SERVER", "UTILISATION", "OF", "CPU", "REQ/S", "MS CPU/REQ", "HAPROXY", "WEIGHT", "REASON"],
      rightAligned: [1, 3, 4, 5])
    for server in listed {
      for weight in server.weights {
        let change =
          weight.standing == weight.wanted
          ? "\(weight.standing)" : "\(weight.standing) → \(weight.wanted)"
        table.add([
          server.name, server.utilisation.map { decimal($0, 2) } ?? "–", server.limit ?? "–",
          server.cpuCores.map { decimal($0, 3) } ?? "–",
          server.requestsPerSecond.map { decimal($0, 1) } ?? "–",
          server.costPerRequest.map { decimal($0 * 1000, 2) } ?? "–", weight.balancer, change,
          weight.reason ?? (server.condition == "live" ? "" : server.condition),
        ])
      }
    }
    return table
  }
}
