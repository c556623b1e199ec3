package import Balancing

/// How another evenkeel is reached, whose balancers send to the same servers.
package struct PeerConfiguration: Sendable, Equatable {
  /// Its host and port, by which it is shown.
  package let name: BalancerName
  /// The base URL of its status, without a slash at the end.
  package let url: String
  /// Path of the file with the token that it asks for.
  package var tokenFile: String?
  /// Path of the PEM file with the authorities that are trusted instead of the system's.
  package var caFile: String?
}
