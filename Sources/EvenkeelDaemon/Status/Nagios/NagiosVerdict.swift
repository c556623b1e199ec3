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

  /// The daemon cannot be asked.
  package init(unanswered reason: String) {
    self.init(.critical, [reason])
  }

  /// The question is wrong.
  package init(unknown reason: String) {
    self.init(.unknown, [reason])
  }

  /// The one verdict, as a plugin says it.
  ///
  /// - Parameters:
  ///   - thresholds: what somebody wants to hear of a spread; else as everywhere.
  ///   - backends: only these; all where it is empty.
  package init(
    _ report: StatusReport, _ thresholds: VerdictThresholds = .standard,
    backends names: [String] = []
  ) {
    let missing = names.filter { name in !report.backends.contains { $0.name == name } }
    guard missing.isEmpty else {
      self.init(unknown: "no backend \(missing.joined(separator: ", "))")
      return
    }
    var asked = report
    asked.backends = report.backends.filter { names.isEmpty || names.contains($0.name) }
    let judged = asked.judged(by: thresholds)
    let told = judged.verdict.findings.map(\.text)
    self.init(
      State(judged.verdict.level), told.isEmpty ? judged.backends.map(\.verdict.sentence) : told,
      performance: Self.performance(judged.backends, thresholds), own: Self.performance(report))
  }

  private init(
    _ state: State, _ statements: [String], performance: [String] = [], own: [String] = []
  ) {
    self.state = state
    let prefix = "EVENKEEL \(state.word) - "
    text = NagiosLine(prefix: prefix, statements, performance, own: own).text
  }

  private static func performance(
    _ backends: [StatusReport.Backend], _ thresholds: VerdictThresholds
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
      // Of one that cannot be read, all.
      let held =
        backend.lastKnownAt == nil
        ? backend.servers.count { $0.held != nil } - slots : servers - slots
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

extension NagiosVerdict.State {
  fileprivate init(_ level: Verdict.Level) {
    self =
      switch level {
      case .ok: .ok
      case .warning: .warning
      case .critical: .critical
      }
  }
}
