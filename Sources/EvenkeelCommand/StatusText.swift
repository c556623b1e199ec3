internal import Control
internal import EvenkeelDaemon
internal import Systemd
internal import Terminal

/// A status as lines of text, none wider than a terminal: what is wrong first, and first of all the
/// verdict.
struct StatusText: Sendable {
  let style: TextStyle
  var order = ServerOrder.worst

  private static let shownChanges = 5
  private static let shownEvents = 5
  private static let shownFindings = 6
  private static let shownCommands = 4

  func lines(for report: StatusReport) -> [String] {
    var lines = verdict(report) + [""] + header(report)
    for backend in report.backends { lines += [""] + self.lines(for: backend, report) }
    return lines + events(report) + [""] + peers(report)
  }

  /// What is shown when the daemon gives no answer.
  func lost(_ reason: String) -> [String] { wrapped(reason, .red) + ["", "trying again"] }

  // MARK: What is wrong, and what to do

  private func verdict(_ report: StatusReport) -> [String] {
    let verdict = report.verdict
    let findings = verdict.findings
    let level = verdict.level.rawValue.uppercased()
    guard let first = findings.first else {
      return wrapped("\(level): \(verdict.sentence)", verdict.colour)
    }
    var lines = wrapped("\(level): \(first.text)", verdict.colour)
    for finding in findings.dropFirst().prefix(Self.shownFindings - 1) {
      lines += wrapped(finding.text, finding.level.colour, indent: 2)
    }
    if findings.count > Self.shownFindings {
      lines.append(paint("  and \(findings.count - Self.shownFindings) more", .dim))
    }
    if let meanwhile = verdict.meanwhile { lines += wrapped("meanwhile: \(meanwhile)", nil) }
    for (index, command) in verdict.commands.prefix(Self.shownCommands).enumerated() {
      lines.append(paint((index == 0 ? "to type:   " : "           ") + command, nil))
    }
    if let reason = report.reloadRefused {
      for line in reason.split(whereSeparator: \.isNewline).dropFirst() {
        lines += wrapped(String(line), .yellow, indent: 2)
      }
    }
    return lines
  }

  private func header(_ report: StatusReport) -> [String] {
    let now = report.now
    let up = ClockText.age(now.seconds(since: report.startedAt))
    let tick = report.tickAt.map {
      ", tick \(report.tick) \(ClockText.age(now.seconds(since: $0))) ago"
    }
    return wrapped(
      "evenkeel \(report.evenkeel), up \(up)\(tick ?? ""), every "
        + "\(ClockText.age(report.intervalSeconds)), \(report.weightChanges) weights changed; "
        + report.configFile, .dim)
  }

  // MARK: Backends

  private func lines(for backend: StatusReport.Backend, _ report: StatusReport) -> [String] {
    let now = report.now
    var lines = wrapped(
      title(of: backend), backend.verdict.level == .ok ? .bold : backend.verdict.colour)
    if let reach = backend.reach?.text { lines += wrapped(reach, .yellow, indent: 2) }
    if let watching = backend.watching { lines += wrapped(watching, .dim, indent: 2) }
    if let levelling = backend.levelling?.text { lines += wrapped(levelling, nil, indent: 2) }
    if let at = backend.lastKnownAt {
      lines += wrapped(
        "the servers as they were at \(ClockText.time(at, now: now)) "
          + "(\(ClockText.age(now.seconds(since: at).rounded())) ago):", .yellow)
    }
    let table = StatusTable(backend, servers: order.sorted(backend), now: now)
    lines += table.lines(width: style.width).map { paint($0.text, $0.colour) }
    if let slots = backend.slotsText { lines.append(paint(slots, .dim)) }
    for change in backend.changes.prefix(Self.shownChanges) {
      lines += wrapped(
        "\(ClockText.second(change.at, now: now)) \(change.server) on \(change.balancer): "
          + "\(change.old) → \(change.new) (\(change.reason))", .dim, indent: 2)
    }
    return lines
  }

  /// Its spread before its mean: that is what it is about.
  private func title(of backend: StatusReport.Backend) -> String {
    let figures = [
      backend.spread.map { "spread \(decimal($0, 2))" },
      backend.meanUtilisation.map { "mean utilisation \(decimal($0, 2))" },
      backend.demandPerSecond.map { "\(decimal($0, 1)) requests/s" },
    ].compactMap(\.self)
    return "\(backend.name): \(backend.verdict.words)"
      + (figures.isEmpty ? "" : "; " + figures.joined(separator: ", ")) + " (\(backend.mode))"
  }

  private func events(_ report: StatusReport) -> [String] {
    guard !report.events.isEmpty else { return [] }
    return ["", paint("LAST EVENTS", .dim)]
      + report.events.prefix(Self.shownEvents).flatMap { event in
        wrapped(
          "\(ClockText.second(event.at, now: report.now)) \(event.text)",
          event.level == "warning" || event.level == "error" ? .yellow : nil, indent: 2)
      }
  }

  // MARK: Parts

  /// Those that are silent first.
  private func peers(_ report: StatusReport) -> [String] {
    let now = report.now
    func last(_ moment: Moment?) -> String {
      moment.map { "\(ClockText.age(now.seconds(since: $0))) ago" } ?? "never"
    }
    let parts =
      report.balancers.map {
        (up: $0.up, $0.isPeer ? "peer" : "HAProxy", $0.name, "", $0.answeredAt, $0.failure)
      }
      + report.endpoints.map { endpoint in
        let found = endpoint.origin.map { ", found by \($0)" } ?? ""
        let since = endpoint.since.map { " \(ClockText.age(now.seconds(since: $0))) ago" } ?? ""
        return (
          up: endpoint.up, "source", endpoint.name, found.isEmpty ? "" : found + since,
          endpoint.answeredAt, endpoint.failure
        )
      }
    // What the verdict has told is not told again.
    let told = report.verdict.findings.map(\.text)
    var lines: [String] = []
    for (up, kind, name, found, answeredAt, failure) in parts.filter({ !$0.up })
      + parts.filter(\.up)
    {
      lines += wrapped(
        "\(kind) \(name)\(found), last answer \(last(answeredAt))"
          + (failure.flatMap { text in told.contains { $0.contains(text) } ? nil : ": \(text)" }
            ?? ""),
        up ? (failure == nil ? .dim : .yellow) : .red)
    }
    for peer in report.balancers {
      guard let apart = peer.weightsApart else { continue }
      lines += wrapped("peer \(peer.name): weights \(decimal(100 * apart, 1)) % apart", .dim)
    }
    for finder in report.finders ?? [] {
      lines += wrapped(
        "\(finder.hosts) host(s) by \(finder.origin)"
          + (finder.failure.map { ": \($0); those of before are kept" } ?? ""),
        finder.failure == nil ? .dim : .yellow)
    }
    return lines
  }

  // MARK: Lines

  /// In as many lines as it takes, the following ones set in.
  private func wrapped(_ text: String, _ colour: TextStyle.Colour?, indent: Int = 0) -> [String] {
    let room = style.width == .max ? .max : max(20, style.width - indent - 2)
    let parts = plain(text).wrapped(to: room)
    return parts.enumerated().map { index, part in
      let space = String(repeating: " ", count: indent + (index == 0 ? 0 : 2))
      return paint(space + part, colour)
    }
  }

  /// Cut before it is painted: escape sequences take no columns.
  private func paint(_ line: String, _ colour: TextStyle.Colour?) -> String {
    let fitted = String(plain(line).prefix(style.width))
    return colour.map { style.paint(fitted, $0) } ?? fitted
  }

  /// Nothing that came from outside moves the cursor; and what a locale lacks is written without.
  private func plain(_ text: String) -> String {
    let text = text.escapingControls()
    guard !style.hasUnicode else { return text }
    return String(
      text.flatMap { character -> String in
        switch character {
        case "→": "->"
        case "–": "-"
        case "…": "..."
        case "×": "x"
        default: character.isASCII ? String(character) : "?"
        }
      })
  }
}

extension String {
  /// Its words in lines; a word that is longer than one is cut.
  func wrapped(to room: Int) -> [String] {
    guard count > room, room > 0 else { return [self] }
    var lines: [String] = []
    var line = ""
    for word in split(separator: " ", omittingEmptySubsequences: false) {
      var word = String(word)
      if !line.isEmpty, line.count + 1 + word.count > room {
        lines.append(line)
        line = ""
      }
      while word.count > room {
        lines.append(String(word.prefix(room)))
        word = String(word.dropFirst(room))
      }
      line += line.isEmpty ? word : " " + word
    }
    return line.isEmpty ? lines : lines + [line]
  }
}

extension Verdict {
  var colour: TextStyle.Colour {
    switch (level, state) {
    case (.ok, .balanced): .green
    case (.ok, _): .bold
    case (let level, _): level.colour
    }
  }
}

extension Verdict.Level {
  fileprivate var colour: TextStyle.Colour {
    switch self {
    case .ok: .bold
    case .warning: .yellow
    case .critical: .red
    }
  }
}

/// The table of `plan`.
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
