internal import Balancing
internal import Control

/// The verdict of all: the daemon's own state and its parts', and the worst of the backends.
struct OverallJudgement {
  /// With the verdicts of its backends.
  let report: StatusReport

  /// A tick late by more than this is no jitter.
  private static let mostIntervals = 3.0
  /// Backends that are told one by one where all is well.
  private static let mostTold = 3

  var verdict: Verdict {
    let own = ownFindings
    let told = report.backends.flatMap(\.verdict.findings)
    // What a backend's sentence has said already is not said again; of servers there may be thousands.
    let sentences = told.filter { $0.server == nil }.map(\.text)
    let parts = partFindings.filter { part in !sentences.contains { $0.contains(part.text) } }
    let all = own + told + parts
    let findings = Verdict.Level.allCases.reversed().flatMap { level in
      all.filter { $0.level == level }
    }
    let level = findings.map(\.level).max() ?? .ok
    let worst = report.backends.max { left, right in
      (left.verdict.level, left.verdict.state) < (right.verdict.level, right.verdict.state)
    }
    let state = state(level, worst?.verdict)
    let isOfBackend = worst?.verdict.state == state && worst?.verdict.level == level
    let subject = isOfBackend ? worst?.verdict : nil
    return Verdict(
      level: level, state: state, words: subject?.words ?? words(of: state, findings),
      since: subject?.since,
      reason: subject?.reason ?? findings.first?.text,
      sentence: sentence(findings), meanwhile: subject?.meanwhile,
      commands: subject?.commands ?? (findings.isEmpty ? [] : ["evenkeel check"]),
      findings: findings)
  }

  private func state(_ level: Verdict.Level, _ worst: Verdict?) -> Verdict.State {
    if ownFindings.contains(where: { $0.level == .critical }) { return .stalled }
    guard report.ready, let worst else { return .starting }
    return worst.level < level ? .degraded : worst.state
  }

  private func words(of state: Verdict.State, _ findings: [Verdict.Finding]) -> String {
    guard state == .degraded else { return state.words }
    return "works, with \(findings.count) problem\(findings.count == 1 ? "" : "s")"
  }

  private func sentence(_ findings: [Verdict.Finding]) -> String {
    if let first = findings.first {
      return first.text + (findings.count > 1 ? "; and \(findings.count - 1) more" : "")
    }
    guard report.backends.count > Self.mostTold else {
      return report.backends.map(\.verdict.sentence).joined(separator: "; ")
    }
    let counts = Verdict.State.allCases.compactMap { state -> String? in
      let count = report.backends.count { $0.verdict.state == state }
      return count > 0 ? "\(count) \(state.words)" : nil
    }
    return "\(report.backends.count) backends: " + counts.joined(separator: ", ")
  }

  private var ownFindings: [Verdict.Finding] {
    var findings: [Verdict.Finding] = []
    func add(_ level: Verdict.Level, _ text: String) {
      findings.append(.init(level: level, backend: nil, server: nil, text: text))
    }
    if !report.loopOk { add(.critical, "the loop does not go on") }
    if !report.ready { add(.warning, "the first look is not complete") }
    if let tickAt = report.tickAt {
      let age = report.now.seconds(since: tickAt)
      if age > Self.mostIntervals * report.intervalSeconds + 5 {
        add(.critical, "the last tick was \(ClockText.age(age)) ago")
      }
    }
    if let reason = report.reloadRefused {
      let lines = reason.split(whereSeparator: \.isNewline)
      add(
        .warning,
        "reload refused, the earlier configuration goes on: \(lines.first ?? "")"
          + (lines.count > 1 ? " (and \(lines.count - 1) more)" : ""))
    }
    return findings
  }

  private var partFindings: [Verdict.Finding] {
    let level: Verdict.Level = report.isWithoutBalancers ? .critical : .warning
    return report.balancers.compactMap { balancer in
      balancer.failure.map {
        Verdict.Finding(
          level: balancer.isPeer ? .warning : level, backend: nil, server: nil, text: $0)
      }
    }
      + report.endpoints.compactMap(\.failure).map {
        Verdict.Finding(level: .warning, backend: nil, server: nil, text: $0)
      }
  }
}

extension Verdict.State {
  /// As it is said of several.
  fileprivate var words: String {
    switch self {
    case .balanced, .idle, .observing, .levelling, .learning, .starting, .paused, .full, .stalled:
      rawValue
    case .nothingToLevel: "with nothing to level"
    case .degraded: "balanced in part"
    case .uneven: "NOT balanced"
    case .notSteering: "NOT steering"
    }
  }
}

extension StatusReport {
  /// Whether no HAProxy can be read.
  var isWithoutBalancers: Bool {
    let own = balancers.filter { !$0.isPeer }
    return !own.isEmpty && own.allSatisfy { !$0.up }
  }

  /// The same report with what is to be thought of it.
  ///
  /// - Parameter since: since when a backend is in a state; what the report had said already, where
  ///   nothing else is known.
  package func judged(
    by thresholds: VerdictThresholds = .standard,
    since: ((String, Verdict.State) -> Moment?)? = nil
  ) -> StatusReport {
    let known = Dictionary(
      backends.map { ($0.name, $0.verdict) }, uniquingKeysWith: { first, _ in first })
    let since =
      since ?? { name, state in
        known[name].flatMap { $0.state == state ? $0.since : nil }
      }
    var report = self
    report.backends = backends.map { backend in
      var judged = backend
      judged.verdict = BackendJudgement(report: self, backend: backend, thresholds: thresholds)
        .verdict(since: since)
      return judged
    }
    report.verdict = OverallJudgement(report: report).verdict
    return report
  }
}
