/// The machine that a cAdvisor watches.
public struct MachineInfo: Hashable, Sendable {
  /// Logical cores; at least 1.
  public var cores: Int
  /// Changes with every boot. `nil` when unknown, and not unique: virtual machines may share it.
  public var bootID: String?

  /// A machine of these parts.
  public init(cores: Int, bootID: String? = nil) {
    self.cores = cores
    self.bootID = bootID
  }
}
