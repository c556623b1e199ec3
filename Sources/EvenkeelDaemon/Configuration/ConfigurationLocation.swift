/// Where the configuration is.
package enum ConfigurationLocation {
  package static let standard = "/etc/evenkeel/config.json"
  package static let variable = "EVENKEEL_CONFIG"
  /// Stands for standard input where a command reads its configuration once.
  package static let standardInput = "-"

  /// The command's option if it is given, else `$EVENKEEL_CONFIG`, else the standard place.
  package static func resolve(option: String?, environment: [String: String]) -> String {
    if let option { return option }
    if let path = environment[variable], !path.isEmpty { return path }
    return standard
  }
}
