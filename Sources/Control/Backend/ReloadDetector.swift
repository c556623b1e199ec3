/// Tells from a balancer's process whether it was reloaded or restarted since the last tick.
///
/// Never from its weights: they may come back by a server-state file.
package struct ReloadDetector: Codable, Hashable, Sendable {
  private var known: ProcessIdentity?
  private var lastUptimeSeconds: Int?

  package init() {}

  package enum Finding: Hashable, Sendable {
    case sameProcess
    /// Seen for the first time: its weights are taken as they are.
    case adopted
    /// A new process: its weights and counters began anew.
    case replaced
  }

  /// - Parameter uptimeSeconds: tells a restart with the same pid, as in a container, where the
  ///   process does not tell when it started.
  package mutating func observe(_ process: ProcessIdentity, uptimeSeconds: Int? = nil) -> Finding {
    let lastUptime = lastUptimeSeconds
    defer {
      known = process
      lastUptimeSeconds = uptimeSeconds
    }
    guard let known else { return .adopted }
    var isYounger = false
    if process.startedAtSeconds == nil, let lastUptime, let uptimeSeconds {
      isYounger = uptimeSeconds < lastUptime
    }
    return known == process && !isYounger ? .sameProcess : .replaced
  }
}
