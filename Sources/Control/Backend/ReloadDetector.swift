/// Tells from a balancer's process whether it was reloaded or restarted since the last tick.
///
/// Never from its weights: they may come back by a server-state file.
package struct ReloadDetector: Codable, Hashable, Sendable {
  private var known: ProcessIdentity?

  package init() {}

  package enum Finding: Hashable, Sendable {
    case sameProcess
    /// Seen for the first time: its weights are taken as they are.
    case adopted
    /// A new process: its weights and counters began anew.
    case replaced
  }

  package mutating func observe(_ process: ProcessIdentity) -> Finding {
    defer { known = process }
    guard let known else { return .adopted }
    return known == process ? .sameProcess : .replaced
  }
}
