/// What a socket lets its users do (`stats socket … level`).
public enum AccessLevel: String, Hashable, Sendable {
  /// May read, but sees no algorithms.
  case user
  /// May read everything.
  case `operator`
  /// May set weights.
  case admin
}
