internal import Glibc

/// Where evenkeel keeps what it learned.
package enum StateDirectory {
  /// The directory asked for, else what systemd gave, else root's or the user's own place.
  package static func resolve(option: String?, environment: [String: String]) -> String {
    if let option { return option }
    if let given = environment["STATE_DIRECTORY"]?.split(separator: ":").first {
      return String(given)
    }
    if geteuid() == 0 { return "/var/lib/evenkeel" }
    if let home = environment["XDG_STATE_HOME"], !home.isEmpty { return "\(home)/evenkeel" }
    return "\(environment["HOME"] ?? ".")/.local/state/evenkeel"
  }
}
