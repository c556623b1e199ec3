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

  /// Finds out and remembers the process.
  package mutating func observe(_ process: ProcessIdentity, uptimeSeconds: Int? = nil) -> Finding {
    defer { (known, lastUptimeSeconds) = (process, uptimeSeconds) }
    return finding(for: process, uptimeSeconds: uptimeSeconds)
  }

  /// What there is to be found of a process.
  ///
  /// - Parameter uptimeSeconds: tells a restart with the same pid, as in a container, where the
  ///   process does not tell when it started.
  package func finding(for process: ProcessIdentity, uptimeSeconds: Int? = nil) -> Finding {
    guard let known else { return .adopted }
    var isYounger = false
    if process.startedAtSeconds == nil, let lastUptimeSeconds, let uptimeSeconds {
      isYounger = uptimeSeconds < lastUptimeSeconds
    }
    return known == process && !isYounger ? .sameProcess : .replaced
  }
}
