package import Balancing
package import Control

/// Decides from the record of a run whether the failure policy was kept: when in doubt, hold.
///
/// It knows nothing of how weights are found. It looks at what each tick saw, wanted and wrote, and
/// names every write that should not have been, and every one that is missing.
package struct HistoryCheck: Sendable {
  /// A rule that a tick broke.
  package struct Violation: Hashable, Sendable, CustomStringConvertible {
    package var tick: Int
    package var server: ServerName?
    package var rule: Rule
    package var detail: String

    package var description: String {
      "tick \(tick)\(server.map { ", \($0)" } ?? ""): \(rule.rawValue) (\(detail))"
    }
  }

  package enum Rule: String, CaseIterable, Hashable, Sendable {
    case servingOnly = "only a server that is up is written"
    case withinBounds = "a weight is written within its bounds, and never 0"
    case contestedAlone = "a contested server is left alone"
    case unseenHolds =
      "a server that is not seen only loses weight, or gets back what a reload took"
    case halfSeen = "with less than half of the servers seen, or fewer than two, nothing is raised"
    case observed = "a backend that is only observed is never written"
    case silentBalancer = "a balancer that did not answer is not written"
    case readOnlyBalancer = "a balancer that is read only is not written"
    case knownWeights = "a weight that stands is the one written last, or the change was told"
    case restored = "what a reload took is written again at once"
    case wholeRecord = "what was written is what was wanted"
    case believedLittle =
      "a server whose CPU counter shows next to nothing is given no more than it had"
    case believedContradicted = "no weight moves far for what the next reading contradicts"
    case impossibleUse = "no server is said to use more CPU than its host has"
    case madeUpDemand = "a demand is no more than what clients sent"
    case restless = "a weight that traffic does not follow is not written again and again"
    case walkedToTheFloor = "a weight that traffic does not follow stays above the floor"

    /// Whether it tells what came of a reading that cannot be, and not what was written without one.
    package var isOfBelief: Bool {
      switch self {
      case .believedLittle, .believedContradicted, .impossibleUse, .madeUpDemand, .restless,
        .walkedToTheFloor:
        true
      case .servingOnly, .withinBounds, .contestedAlone, .unseenHolds, .halfSeen, .observed,
        .silentBalancer, .readOnlyBalancer, .knownWeights, .restored, .wholeRecord:
        false
      }
    }
  }

  private let settings: ControlSettings
  /// What stood after the last tick, by balancer and server.
  private var standing: [Place: Weight] = [:]
  /// What a reload took, and is still to be given back: servers that do not serve wait for it.
  private var due: [Place: Weight] = [:]
  private var violations: [Violation] = []

  /// - Parameter truth: what was not as the readings said, where that is known.
  /// - Returns: all that a run did against the policy, in the order of its ticks.
  package static func violations(
    in reports: [TickReport], settings: ControlSettings, truth: GroundTruth? = nil
  ) -> [Violation] {
    var check = HistoryCheck(settings: settings)
    for report in reports { check.look(at: report) }
    guard let truth else { return check.violations }
    let believed = BeliefCheck.violations(in: reports, settings: settings, truth: truth)
    return (check.violations + believed).sorted { $0.tick < $1.tick }
  }

  private init(settings: ControlSettings) { self.settings = settings }

  private mutating func look(at report: TickReport) {
    let silent = Set(report.snapshot.balancers.filter { $0.failure != nil }.map(\.name))
    let written = report.written
    for backend in report.snapshot.backends {
      guard let configured = settings.backends.first(where: { $0.name == backend.name }) else {
        continue
      }
      let own = written.filter { $0.backend == backend.name }
      compare(own, with: backend, configured, silent, tick: report.snapshot.tick)
      follow(own, backend, report)
    }
  }

  private mutating func note(
    _ rule: Rule, _ tick: Int, _ server: ServerName? = nil, _ detail: String
  ) {
    violations.append(Violation(tick: tick, server: server, rule: rule, detail: detail))
  }

  // MARK: What was written

  private mutating func compare(
    _ written: [WeightChange], with backend: BackendStatus, _ configured: BackendSettings,
    _ silent: Set<BalancerName>, tick: Int
  ) {
    if backend.mode == .observe, let change = written.first {
      note(.observed, tick, change.server, "\(change.old) → \(change.new)")
    }
    let up = backend.servers.filter { $0.state == .up && !$0.isContested }
    let seen = up.filter { $0.utilisation != nil }
    let mayLevel = seen.count >= 2 && 2 * seen.count >= up.count
    // What somebody asked for is his to answer for.
    for change in written where change.reason != .asked {
      let step = "\(change.old) → \(change.new)"
      if silent.contains(change.balancer) {
        note(.silentBalancer, tick, change.server, "\(change.balancer)")
      }
      if settings.readOnlyBalancers.contains(change.balancer) {
        note(.readOnlyBalancer, tick, change.server, "\(change.balancer)")
      }
      if change.new.value < configured.weights.minimum
        || change.new.value > configured.weights.maximum
      {
        note(.withinBounds, tick, change.server, step)
      }
      guard let server = backend.servers.first(where: { $0.name == change.server }) else {
        note(.servingOnly, tick, change.server, "not in the backend")
        continue
      }
      // It may ramp up on one balancer and be up on another, where a reload took its weight.
      let isHalfUp = server.state == .ramping && change.reason == .restored
      if server.state != .up, !isHalfUp {
        note(.servingOnly, tick, server.name, "\(server.state)")
      }
      if server.isContested { note(.contestedAlone, tick, server.name, step) }
      let isRaised = change.new > change.old && !isRestoration(change)
      if isRaised, server.utilisation == nil, !server.isDrifting {
        note(.unseenHolds, tick, server.name, step)
      }
      if isRaised, !mayLevel { note(.halfSeen, tick, server.name, step) }
      if !backend.changes.contains(change) { note(.wholeRecord, tick, server.name, step) }
    }
  }

  private func isRestoration(_ change: WeightChange) -> Bool {
    if change.reason == .restored { return true }
    let place = Place(of: change)
    return (due[place] ?? standing[place]).map { change.new <= $0 } ?? false
  }

  // MARK: What stands

  private mutating func follow(
    _ written: [WeightChange], _ backend: BackendStatus, _ report: TickReport
  ) {
    let tick = report.snapshot.tick
    let reloaded = Set(
      report.events.compactMap { event in
        if case .balancerReloaded(let name) = event { name } else { nil }
      })
    let told = report.toldOfOthers
    for server in backend.servers {
      for weight in server.weights {
        let place = Place(backend: backend.name, balancer: weight.balancer, server: server.name)
        defer { standing[place] = weight.standing }
        guard let before = standing[place], !settings.readOnlyBalancers.contains(weight.balancer)
        else { continue }
        if reloaded.contains(weight.balancer) {
          due[place] = due[place] ?? before
          let isDue =
            backend.mode == .control && server.state == .up && before.value > 0
            && before != weight.standing && !server.isContested
            && report.snapshot.brake.pause(of: backend.name) == nil
          let isWritten = written.contains {
            $0.server == server.name && $0.balancer == weight.balancer
          }
          if isDue, !isWritten, weight.wanted != weight.standing {
            note(.restored, tick, server.name, "\(before) is \(weight.standing)")
          }
        } else if told.contains(place) {
          due[place] = nil
        } else if before != weight.standing {
          note(.knownWeights, tick, server.name, "\(before) became \(weight.standing)")
        }
      }
    }
    for change in written {
      let place = Place(of: change)
      standing[place] = change.new
      due[place] = nil
    }
  }
}

extension ServerStatus {
  /// Whether its weight is somebody else's.
  fileprivate var isContested: Bool {
    switch condition {
    case .contested, .paused, .configured: true
    case .live, .held, .unmatched, .hostsUnread, .unmeasured, .setByHand: false
    }
  }

  /// Long unknown: it goes to what its peers have, which may be more.
  fileprivate var isDrifting: Bool {
    if case .live = condition { true } else { false }
  }
}
