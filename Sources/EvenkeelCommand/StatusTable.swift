internal import Control
internal import EvenkeelDaemon
internal import Systemd
internal import Terminal

/// The servers of a backend in columns. Where there is little room, columns that matter less go, and
/// the reason never does: it is told in as many lines as it takes.
struct StatusTable {
  struct Line: Equatable {
    var text: String
    var colour: TextStyle.Colour?
  }

  fileprivate enum Column: String, CaseIterable {
    case server = "SERVER"
    case utilisation = "UTILISATION"
    case limit = "OF"
    case cores = "CPU"
    case requests = "REQ/S"
    case cost = "MS CPU/REQ"
    case balancer = "HAPROXY"
    case weight = "WEIGHT"
    /// HAProxy's own, and the one that is advised.
    case maxconn = "MAXCONN"

    var isNumber: Bool { [.utilisation, .cores, .requests, .cost].contains(self) }

    /// What goes first where there is no room.
    static let dispensable: [Column] = [.maxconn, .cores, .cost, .limit, .requests]
  }

  fileprivate struct Row {
    var cells: [Column: String]
    var reason: String
    var colour: TextStyle.Colour?
  }

  private static let leastReason = 24
  private static let gap = 2

  private let rows: [Row]
  private let columns: [Column]

  init(_ backend: StatusReport.Backend, servers: [StatusReport.Server], now: Moment) {
    rows = servers.flatMap { server in
      server.weights.map { Row(server, $0, isOfAnotherTime: backend.lastKnownAt != nil, now: now) }
    }
    // One HAProxy needs no column.
    let balancers = Set(servers.flatMap { $0.weights.map(\.balancer) })
    let hasLimits = servers.contains { server in
      server.maxconnAdvised != nil || server.weights.contains { $0.maxconn != nil }
    }
    columns = Column.allCases.filter {
      ($0 != .balancer || balancers.count > 1) && ($0 != .maxconn || hasLimits)
    }
  }

  func lines(width: Int) -> [Line] {
    guard !rows.isEmpty else { return [] }
    let longest = rows.map(\.reason.count).max() ?? 0
    let wanted = min(longest, max(Self.leastReason, width / 3))
    var kept = columns
    for column in Column.dispensable where taken(by: kept) + Self.gap + wanted > width {
      kept.removeAll { $0 == column }
    }
    let start = taken(by: kept) + Self.gap
    // Where even so there is no room beside them, a reason stands below its server.
    let isBelow = longest > 0 && width != .max && width - start < min(longest, Self.leastReason)
    let head = line(kept) { $0.rawValue } + (longest > 0 && !isBelow ? "  REASON" : "")
    return [Line(text: head, colour: .dim)]
      + rows.flatMap { row in
        let cells = line(kept) { row.cells[$0] ?? "" }
        let indent = isBelow ? 4 : start
        let room = width == .max ? .max : width - indent
        var reasons = row.reason.isEmpty ? [] : row.reason.wrapped(to: room)
        var text = cells
        if !isBelow, !reasons.isEmpty { text += "  " + reasons.removeFirst() }
        let space = String(repeating: " ", count: indent)
        return [Line(text: text.trimmed, colour: row.colour)]
          + reasons.map { Line(text: space + $0, colour: row.colour) }
      }
  }

  private func width(of column: Column) -> Int {
    max(column.rawValue.count, rows.map { $0.cells[column]?.count ?? 0 }.max() ?? 0)
  }

  private func taken(by columns: [Column]) -> Int {
    columns.map(width).reduce(0, +) + Self.gap * max(0, columns.count - 1)
  }

  private func line(_ columns: [Column], _ cell: (Column) -> String) -> String {
    columns.map { column in
      column.isNumber ? cell(column).right(width(of: column)) : cell(column).left(width(of: column))
    }.joined(separator: "  ")
  }
}

extension StatusTable.Row {
  fileprivate init(
    _ server: StatusReport.Server, _ weight: StatusReport.Weight, isOfAnotherTime: Bool, now: Moment
  ) {
    let change =
      weight.standing == weight.wanted
      ? "\(weight.standing)" : "\(weight.standing) → \(weight.wanted)"
    cells = [
      .server: server.name.escapingControls(),
      .utilisation: server.utilisation.map { decimal($0, 2) } ?? "–",
      .limit: server.limit ?? "–", .cores: server.cpuCores.map { decimal($0, 3) } ?? "–",
      .requests: server.requestsPerSecond.map { decimal($0, 1) } ?? "–",
      .cost: server.costPerRequest.map { decimal($0 * 1000, 2) } ?? "–",
      .balancer: weight.balancer.escapingControls(), .weight: change,
      .maxconn: (weight.maxconn.map(String.init) ?? "–") + server.advisedText,
    ]
    var said = weight.reason ?? (server.condition == "live" ? "" : server.condition)
    if !isOfAnotherTime, let at = server.lastKnownAt {
      said += (said.isEmpty ? "" : "; ") + "figures of \(ClockText.time(at, now: now))"
    }
    if let pause = server.pause { said = "paused \(pause.text(now: now))" }
    reason = said.escapingControls()
    colour = isOfAnotherTime || server.lastKnownAt != nil ? .dim : server.colour
  }
}

extension StatusReport.Server {
  /// In brackets, and about where it is not sure.
  fileprivate var advisedText: String {
    maxconnAdvised.map { " (\(maxconnIsSure == true ? "" : "~")\($0))" } ?? ""
  }

  fileprivate var colour: TextStyle.Colour? {
    if heldByFault { return .yellow }
    if held != nil { return .dim }
    return utilisation.map { $0 >= 0.95 ? .red : nil } ?? nil
  }
}

extension String {
  fileprivate var trimmed: String { String(reversed().drop { $0 == " " }.reversed()) }
}
