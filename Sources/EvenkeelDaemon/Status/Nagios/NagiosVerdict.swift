internal import Balancing
internal import Control

/// What a monitoring plugin says of a daemon: one line, performance data, and an exit code.
///
/// Source: https://www.monitoring-plugins.org/doc/guidelines.html
package struct NagiosVerdict: Sendable, Equatable {
  package enum State: Int32, Sendable, Comparable, CaseIterable {
    case ok = 0
    case warning = 1
    case critical = 2
    case unknown = 3

    package static func < (left: State, right: State) -> Bool { left.rawValue < right.rawValue }

    fileprivate var word: String {
      switch self {
      case .ok: "OK"
      case .warning: "WARNING"
      case .critical: "CRITICAL"
      case .unknown: "UNKNOWN"
      }
    }
  }

  package let state: State
  package let text: String

  /// What is held against a backend's spread.
  package struct Thresholds: Sendable, Equatable {
    package var warning: NagiosRange?
    package var critical: NagiosRange?

    package init(warning: NagiosRange?, critical: NagiosRange?) {
      self.warning = warning
      self.critical = critical
    }
  }

  /// The daemon cannot be asked.
  package init(unanswered reason: String) {
    self.init(.critical, [reason])
  }

  /// The question is wrong.
  package init(unknown reason: String) {
    self.init(.unknown, [reason])
  }

  /// - Parameter backends: only these; all where it is empty.
  package init(_ report: StatusReport, _ thresholds: Thresholds, backends names: [String] = []) {
    let missing = names.filter { name in !report.backends.contains { $0.name == name } }
    guard missing.isEmpty else {
      self.init(unknown: "no backend \(missing.joined(separator: ", "))")
      return
    }
    let backends = report.backends.filter { names.isEmpty || names.contains($0.name) }
    var findings = Self.daemonFindings(report)
    for backend in backends { findings += Self.findings(backend, thresholds) }
    let worst = findings.map(\.state).max() ?? .ok
    let told = State.allCases.reversed().flatMap { state in
      findings.filter { $0.state == state }.map(\.text)
    }
    self.init(
      worst, told.isEmpty ? backends.map(Self.summary) : told,
      performance: Self.performance(backends, thresholds), own: Self.performance(report))
  }

  private static func summary(_ backend: StatusReport.Backend) -> String {
    let servers = backend.servers.count - backend.emptySlots
    let steered = backend.servers.count { $0.held == nil }
    return "\(name(backend.name)): \(steered) of \(servers) servers steered"
      + (backend.spread.map { ", spread \(decimal($0, 2))" } ?? "")
      + (backend.slotsText.map { ", \($0)" } ?? "")
  }

  private init(
    _ state: State, _ statements: [String], performance: [String] = [], own: [String] = []
  ) {
    self.state = state
    let prefix = "EVENKEEL \(state.word) - "
    text = NagiosLine(prefix: prefix, statements, performance, own: own).text
  }

  /// A name, short enough to leave room for what is said of it.
  private static func name(_ text: String) -> String { text.cutInTheMiddle(toBytes: 60) }

  private typealias Finding = (state: State, text: String)

  /// A tick late by more than this is no jitter.
  private static let mostIntervals = 3.0

  private static func daemonFindings(_ report: StatusReport) -> [Finding] {
    var findings: [Finding] = []
    if !report.loopOk { findings.append((.critical, "the loop does not go on")) }
    if !report.ready { findings.append((.warning, "the first look is not complete")) }
    if let tickAt = report.tickAt {
      let age = report.now.seconds(since: tickAt)
      if age > mostIntervals * report.intervalSeconds + 5 {
        findings.append((.critical, "the last tick was \(decimal(age, 0)) s ago"))
      }
    }
    if let reason = report.reloadRefused {
      findings.append((.warning, "reload refused: \(reason)"))
    }
    findings += report.endpoints.compactMap { $0.failure }.map { (.warning, $0) }
    let silent = report.balancers.compactMap { $0.failure }
    let state: State = silent.count == report.balancers.count ? .critical : .warning
    return findings + silent.map { (state, $0) }
  }

  private static func findings(
    _ backend: StatusReport.Backend, _ thresholds: Thresholds
  ) -> [Finding] {
    var findings: [Finding] = []
    if !backend.isSteering {
      findings.append((.warning, "\(name(backend.name)): all weights held: \(backend.condition)"))
    }
    for server in backend.servers where server.heldByFault {
      let shown = "\(name(backend.name))/\(name(server.name))"
      findings.append((.warning, "\(shown): \(server.condition)"))
    }
    if let spread = backend.spread {
      let text = "\(name(backend.name)): spread \(decimal(spread, 2))"
      if thresholds.critical?.alerts(spread) == true {
        findings.append((.critical, text))
      } else if thresholds.warning?.alerts(spread) == true {
        findings.append((.warning, text))
      }
    }
    return findings
  }

  private static func performance(
    _ backends: [StatusReport.Backend], _ thresholds: Thresholds
  ) -> [String] {
    let limits = "\(thresholds.warning?.text ?? "");\(thresholds.critical?.text ?? "")"
    var data: [String] = []
    for backend in backends {
      if let spread = backend.spread {
        data.append("\(label(backend.name, "spread"))=\(decimal(spread, 3));\(limits);1;")
      }
      if let utilisation = backend.meanUtilisation {
        data.append(
          "\(label(backend.name, "utilisation"))=\(decimal(utilisation * 100, 1))%;;;0;")
      }
      if let demand = backend.demandPerSecond {
        data.append("\(label(backend.name, "requests_per_second"))=\(decimal(demand, 1));;;0;")
      }
      let (servers, slots) = (backend.servers.count, backend.emptySlots)
      let held = backend.servers.count { $0.held != nil } - slots
      data.append("\(label(backend.name, "held"))=\(held);;;0;\(servers - slots)")
    }
    return data
  }

  private static func performance(_ report: StatusReport) -> [String] {
    let tick = report.tickSeconds.map { "tick=\(decimal($0, 3))s;;;0;" }
    return [tick, "weight_changes=\(report.weightChanges)c;;;0;"].compactMap(\.self)
  }

  /// HAProxy's names have neither quotes nor equals signs; what passes for its name might.
  private static func label(_ backend: String, _ name: String) -> String {
    "'\(backend.filter { !"'=|".contains($0) }) \(name)'"
  }
}

extension StatusReport.Server {
  /// Whether somebody should see to why its weight is held.
  package var heldByFault: Bool {
    switch held.flatMap(HoldReason.init(rawValue:)) {
    case .noContainer, .ambiguous, .sharedContainer, .contested, .unmeasured, .stale, .doubted: true
    case .noRate, .ramping, .drain, .maintenance, .down, .unresolved, .backup, .zeroWeight, nil:
      false
    }
  }
}
