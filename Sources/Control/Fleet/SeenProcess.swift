internal import Balancing

/// A balancer's process in one tick.
struct SeenProcess {
  let identity: ProcessIdentity
  let finding: ReloadDetector.Finding
}

extension FleetState {
  /// The processes of the balancers whose answers are of use.
  mutating func observeProcesses(_ outcomes: [BalancerOutcome]) -> [BalancerName: SeenProcess] {
    var processes: [BalancerName: SeenProcess] = [:]
    for outcome in outcomes {
      guard let reading = outcome.usable else { continue }
      let finding = reloads[outcome.balancer, default: ReloadDetector()]
        .observe(reading.process, uptimeSeconds: reading.uptimeSeconds)
      processes[outcome.balancer] = SeenProcess(identity: reading.process, finding: finding)
    }
    return processes
  }

  /// Whether a balancer's process is another than in the last tick; nothing of it is remembered.
  func isNewProcess(_ outcome: BalancerOutcome) -> Bool {
    guard let reading = outcome.usable else { return false }
    let known = reloads[outcome.balancer] ?? ReloadDetector()
    return known.finding(for: reading.process, uptimeSeconds: reading.uptimeSeconds) == .replaced
  }
}
