internal import Glibc

/// Where a daemon takes orders of whoever may give them: a local socket of its own user.
package enum ControlSocket {
  private static let name = "control.sock"
  private static let ofTheService = "/run/evenkeel"

  /// The directory asked for, else what systemd gave, else root's or the user's own place.
  package static func path(option: String?, environment: [String: String]) -> String {
    "\(directory(option: option, environment: environment))/\(name)"
  }

  /// Where to ask: at the same place, else at the service's.
  package static func pathToAsk(option: String?, environment: [String: String]) -> String {
    let own = path(option: option, environment: environment)
    guard option == nil, !isThere(own) else { return own }
    let service = "\(ofTheService)/\(name)"
    // Where even its directory may not be looked into, asking tells why.
    return isThere(service) || errno == EACCES ? service : own
  }

  private static func directory(option: String?, environment: [String: String]) -> String {
    if let option { return option }
    if let given = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first {
      return String(given)
    }
    if geteuid() == 0 { return ofTheService }
    if let home = environment["XDG_RUNTIME_DIR"], !home.isEmpty { return "\(home)/evenkeel" }
    return StateDirectory.resolve(option: nil, environment: environment)
  }

  private static func isThere(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0
  }
}
