internal import Balancing
internal import Control

/// The verdict of one backend: a pure function of a report.
struct BackendJudgement {
  let report: StatusReport
  let backend: StatusReport.Backend
  let thresholds: VerdictThresholds
  /// Servers that somebody should see to.
  private let faults: [StatusReport.Server]

  init(
    report: StatusReport, backend: StatusReport.Backend, thresholds: VerdictThresholds
  ) {
    self.report = report
    self.backend = backend
    self.thresholds = thresholds
    faults = backend.faults(in: report)
  }

  /// A mean utilisation from which on there is no room left anywhere.
  private static let full = 0.95

  /// - Parameter since: since when a backend is in a state, where that is known.
  func verdict(since: (String, Verdict.State) -> Moment?) -> Verdict {
    let state = state
    let began =
      backend.pause.flatMap { state == .paused ? $0.since : nil }
      ?? since(backend.name, state)
    let reason = reason(for: state)
    let words = words(for: state)
    // When it began to be good is of no interest in a sentence.
    let time =
      state.isPassing ? nil : began.map { ClockText.since($0, now: report.now) }
    let sentence =
      ([backend.shownName, words] + [time].compactMap(\.self)).joined(separator: " ")
      + (reason.map { ": \($0)" } ?? "")
    let own = level(of: state)
    var findings: [Verdict.Finding] = []
    if own > .ok, state != .degraded {
      findings.append(
        .init(level: own, backend: backend.name, server: nil, text: sentence))
    }
    findings += faults.map { server in
      .init(
        level: .warning, backend: backend.name, server: server.name,
        text: "\(backend.shownName)/\(server.shownName): \(server.condition)")
    }
    return Verdict(
      level: findings.map(\.level).max() ?? .ok, state: state, words: words, since: began,
      reason: reason, sentence: sentence, meanwhile: meanwhile(in: state),
      commands: commands(for: state), findings: findings)
  }

  // MARK: What it is

  private var state: Verdict.State {
    if backend.holding == .unreadable { return .notSteering }
    if backend.pause != nil { return .paused }
    switch backend.holding {
    case .unreadable, .algorithmIsFixed, .tooLittleFreshData, .trafficIgnoresWeights:
      return .notSteering
    case _ where backend.mode == BackendSettings.Mode.observe.rawValue: return .observing
    case .learning: return .learning
    case .nothingToLevel: return .nothingToLevel
    case .idle: return faults.isEmpty ? .idle : .degraded
    case .countersMissing, nil: break
    }
    switch thresholds.level(of: backend, in: report) {
    case .uneven: return .uneven
    case _ where backend.meanUtilisation ?? 0 >= Self.full: return .full
    case _ where !faults.isEmpty: return .degraded
    case .young: return .levelling
    case nil: return .balanced
    }
  }

  private func level(of state: Verdict.State) -> Verdict.Level {
    switch state {
    case .balanced, .idle, .nothingToLevel, .observing, .levelling, .learning: .ok
    // Nobody is to forget one that does not end by itself.
    case .paused: backend.pause?.until == nil ? .warning : .ok
    case .starting, .degraded, .full: .warning
    case .uneven:
      if case .uneven(let level) = thresholds.level(of: backend, in: report) {
        level
      } else {
        .warning
      }
    case .notSteering: report.isWithoutBalancers ? .critical : .warning
    case .stalled: .critical
    }
  }

  // MARK: What is said of it

  private func words(for state: Verdict.State) -> String {
    switch state {
    case .balanced: "balanced"
    case .idle: "idle"
    case .nothingToLevel: "nothing to level"
    case .observing: "observing"
    case .levelling: "levelling"
    case .learning: "learning"
    case .starting: "starting"
    case .paused: "paused"
    case .degraded: "balanced in part"
    case .full: "full"
    case .uneven: "NOT balanced"
    case .notSteering:
      backend.mode == BackendSettings.Mode.observe.rawValue ? "NOT observed" : "NOT steering"
    case .stalled: "stalled"
    }
  }

  private func reason(for state: Verdict.State) -> String? {
    switch state {
    case .balanced, .levelling, .observing:
      ([steered] + [figures].compactMap(\.self)).joined(separator: ", ")
        + (state == .observing && backend.holding != nil ? "; \(backend.condition)" : "")
        + (backend.isFallingBack ? ", by halfway, as sessions do not end" : "")
        + (backend.slotsText.map { ", \($0)" } ?? "")
    case .full: "every server is near its limit (\(figures ?? "")); balancing cannot help"
    case .uneven:
      [figures, fullest].compactMap(\.self).joined(separator: ", ")
    case .degraded: faultsText
    case .paused: backend.pause?.text(now: report.now)
    case .idle, .nothingToLevel, .learning: backend.condition
    case .notSteering: silence ?? backend.condition
    case .starting, .stalled: nil
    }
  }

  private var steered: String {
    let servers = backend.servers.count - backend.emptySlots
    return "\(backend.servers.count { $0.held == nil }) of \(servers) servers"
  }

  private var figures: String? { backend.spread.map { "spread \(decimal($0, 2))" } }

  private var fullest: String? {
    backend.servers.filter { $0.utilisation != nil }
      .max { $0.utilisation ?? 0 < $1.utilisation ?? 0 }
      .map { "fullest \($0.shownName) at \(decimal(($0.utilisation ?? 0) * 100, 0)) %" }
  }

  private var faultsText: String? {
    faults.first.map { first in
      "\(first.shownName): \(first.condition)"
        + (faults.count > 1 ? " (and \(faults.count - 1) more)" : "")
    }
  }

  /// Why no HAProxy could be read, by its own words.
  private var silence: String? {
    guard backend.holding == .unreadable else {
      // A silent cAdvisor is the cause of data that are missing.
      guard backend.holding == .tooLittleFreshData else { return nil }
      return report.endpoints.first { !$0.up }?.failure.map { "\(backend.condition): \($0)" }
    }
    let failures = report.balancers.filter { !$0.isPeer }.compactMap(\.failure)
    return failures.isEmpty ? nil : failures.joined(separator: "; ")
  }

  private func meanwhile(in state: Verdict.State) -> String? {
    let last = backend.changes.first.map { " of \(ClockText.time($0.at, now: report.now))" } ?? ""
    switch state {
    case .notSteering where backend.holding == .unreadable:
      return "HAProxy, if it runs, goes on with the weights\(last), until it is restarted"
    case .notSteering, .degraded, .paused:
      return "HAProxy goes on with the weights\(last) that stand"
    case .uneven: return "evenkeel goes on levelling; HAProxy has the weights\(last)"
    case .full: return "HAProxy goes on with the weights\(last); requests wait for CPU"
    default: return nil
    }
  }

  private func commands(for state: Verdict.State) -> [String] {
    let name = backend.name
    let worst = backend.worstServers.first ?? "SERVER"
    switch state {
    case .notSteering where backend.holding == .unreadable:
      return ["systemctl status haproxy", "evenkeel check", "evenkeel pause \(name)"]
    case .notSteering: return ["evenkeel check", "evenkeel restore \(name)"]
    case .degraded: return ["evenkeel check", "evenkeel explain \(name) \(worst)"]
    case .uneven, .full:
      return [
        "evenkeel explain \(name) \(worst)", "evenkeel pause \(name)", "evenkeel restore \(name)",
      ]
    case .paused: return ["evenkeel resume \(name)"]
    default: return []
    }
  }
}

extension Verdict.State {
  /// Whether it is a good state, or one that ends by itself.
  fileprivate var isPassing: Bool {
    switch self {
    case .balanced, .observing, .levelling, .learning, .nothingToLevel, .paused: true
    case .idle, .starting, .degraded, .full, .uneven, .notSteering, .stalled: false
    }
  }
}

extension StatusReport.Backend {
  /// Servers that somebody should see to. What a silent cAdvisor watches is told with that one.
  fileprivate func faults(in report: StatusReport) -> [StatusReport.Server] {
    // These rows are of a time when it could be read.
    guard lastKnownAt == nil else { return [] }
    let silent = Set(report.endpoints.lazy.filter { !$0.up }.map(\.host))
    return servers.filter { server in
      let isTold =
        server.held == HoldReason.stale.rawValue && server.host.map(silent.contains) == true
      return server.heldByFault && !isTold
    }
  }

  /// Short enough to leave room for what is said of it.
  var shownName: String { name.cutInTheMiddle(toBytes: 60) }
}

extension StatusReport.Server {
  var shownName: String { name.cutInTheMiddle(toBytes: 60) }
}

extension StatusReport.Pause {
  /// `until 03:41 (30 min left), by root`.
  package func text(now: Moment) -> String {
    let end =
      until.map { end in
        "until \(ClockText.time(end, now: now)) (\(ClockText.age(end.seconds(since: now))) left)"
      } ?? "until `evenkeel resume`"
    return "\(end), \(ClockText.since(since, now: now)), by \(by)"
      + (restored ? ", with HAProxy's own weights" : "")
  }
}
