internal import Balancing

extension BackendSettings {
  /// What was read of this backend on each of its balancers.
  func readings(
    in outcomes: [BalancerOutcome], _ processes: [BalancerName: SeenProcess]
  ) -> [BalancerName: BackendControl.Reading] {
    var readings: [BalancerName: BackendControl.Reading] = [:]
    for outcome in outcomes where balancers.contains(outcome.balancer) {
      guard let reading = outcome.usable, let process = processes[outcome.balancer] else {
        readings[outcome.balancer] = .silent
        continue
      }
      guard let found = reading.backends[name] else {
        readings[outcome.balancer] = .backendMissing
        continue
      }
      readings[outcome.balancer] = .backend(found, process.identity, process.finding)
    }
    return readings
  }
}
