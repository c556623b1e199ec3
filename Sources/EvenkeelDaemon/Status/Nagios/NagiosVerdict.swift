internal import Balancing
internal import Control

/// What a monitoring plugin says of a daemon: one line, performance data, and an exit code.
///
/// Source: https://www.monitoring-plugins.org/doc/guidelines.html
package struct NagiosVerdict: Sendable, Equatable {
  package enum State: Int32, Sendable, Comparable {
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
    self.init(.critical, "\(reason)", performance: "")
  }

  /// The question is wrong.
  package init(unknown reason: String) {
    self.init(.unknown, reason, performance: "")
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
    let told = findings.sorted { $0.state > $1.state }.map(\.text)
    let summary = backends.map { backend in
      let steered = backend.servers.count { $0.held == nil }
      return "\(backend.name): \(steered) of \(backend.servers.count) servers steered"
        + (backend.spread.map { ", spread \(decimal($0, 2))" } ?? "")
    }
    self.init(
      worst, (told.isEmpty ? summary : told).joined(separator: "; "),
      performance: Self.performance(report, backends, thresholds))
  }

  private init(_ state: State, _ text: String, performance: String) {
    self.state = state
    // A bar begins performance data, and a line's end long output.
    let text = String(text.map { $0 == "|" || $0.isNewline ? " " : $0 })
    self.text =
      "EVENKEEL \(state.word) - \(text)" + (performance.isEmpty ? "" : " | \(performance)")
  }

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
      findings.append((.warning, "\(backend.name): all weights held: \(backend.condition)"))
    }
    for server in backend.servers where server.heldByFault {
      findings.append((.warning, "\(backend.name)/\(server.name): \(server.condition)"))
    }
    if let spread = backend.spread {
      let text = "\(backend.name): spread \(decimal(spread, 2))"
      if thresholds.critical?.alerts(spread) == true {
        findings.append((.critical, text))
      } else if thresholds.warning?.alerts(spread) == true {
        findings.append((.warning, text))
      }
    }
    return findings
  }

  private static func performance(
    _ report: StatusReport, _ backends: [StatusReport.Backend], _ thresholds: Thresholds
  ) -> String {
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
      let held = backend.servers.count { $0.held != nil }
      data.append("\(label(backend.name, "held"))=\(held);;;0;\(backend.servers.count)")
    }
    if let seconds = report.tickSeconds { data.append("tick=\(decimal(seconds, 3))s;;;0;") }
    data.append("weight_changes=\(report.weightChanges)c;;;0;")
    return data.joined(separator: " ")
  }

  /// HAProxy's names have neither quotes nor equals signs.
  private static func label(_ backend: String, _ name: String) -> String { "'\(backend) \(name)'" }
}

extension StatusReport.Server {
  /// Whether somebody should see to why its weight is held.
  package var heldByFault: Bool {
    switch held.flatMap(HoldReason.init(rawValue:)) {
    case .noContainer, .ambiguous, .sharedContainer, .contested, .unmeasured, .stale, .unresolved:
      true
    case .noRate, .ramping, .drain, .maintenance, .down, .backup, .zeroWeight, nil: false
    }
  }
}
