/// What an operator, the configuration or a resolver has said of a server.
///
/// Empty for a server that only its checks decide about.
public struct AdminState: OptionSet, Hashable, Sendable {
  /// The bits as HAProxy numbers them.
  public let rawValue: Int

  /// Takes the bits as HAProxy numbers them.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// In maintenance by command.
  public static let forcedMaintenance = Self(rawValue: 1)
  /// In maintenance because the server that it tracks is.
  public static let inheritedMaintenance = Self(rawValue: 2)
  /// In maintenance by the configuration (`disabled`).
  public static let configuredMaintenance = Self(rawValue: 4)
  /// Drained by command or by its agent.
  public static let forcedDrain = Self(rawValue: 8)
  /// Drained because the server that it tracks is.
  public static let inheritedDrain = Self(rawValue: 16)
  /// In maintenance because its name has no address.
  public static let resolutionMaintenance = Self(rawValue: 32)
  /// Its host name was set by command. Says nothing of its traffic.
  public static let nameSetByCommand = Self(rawValue: 64)

  /// In maintenance for whatever reason.
  public static let anyMaintenance: Self = [
    .forcedMaintenance, .inheritedMaintenance, .configuredMaintenance, .resolutionMaintenance,
  ]
  /// Drained for whatever reason.
  public static let anyDrain: Self = [.forcedDrain, .inheritedDrain]
}
