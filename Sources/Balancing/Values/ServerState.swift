/// What HAProxy says of a server, as far as it matters for its weight.
package enum ServerState: String, Hashable, Codable, Sendable, CaseIterable {
  /// Takes traffic according to its weight.
  case up
  /// Up, but ramping under HAProxy's `slowstart`: its load is not what its weight says.
  case ramping
  /// Takes no new traffic by the operator's (or an agent's) word.
  case drain
  /// In maintenance, by command, by configuration or by inheritance.
  case maintenance
  /// Failed its checks, or is on its way up or down.
  case down
  /// A slot without an address yet.
  case unresolved
  /// A backup server: without traffic while others are up.
  case backup
  /// Up with weight 0 that evenkeel did not set.
  case zeroWeight
}
