internal import FoundationEssentials
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

  /// Makes the directory, if it is not there.
  package static func make(_ path: String) throws(StateError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o750])
    } catch {
      throw StateError.file(path, errno: errno == 0 ? EIO : errno)
    }
  }
}
