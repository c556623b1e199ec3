/// What is known of a server's load in one tick.
enum Load: Hashable, Sendable {
  case measured(Measured)
  case unknown(ServerHold)

  var measured: Measured? {
    if case .measured(let measured) = self { measured } else { nil }
  }

  struct Measured: Hashable, Sendable {
    /// CPU use in cores.
    var cores: Double
    /// Cores that it may use: its quota, at most its host's.
    var limitCores: Double
    var utilisation: Utilisation
    /// When the measurement began, on our clock.
    var began: Timestamp
    var host: HostName
  }
}
