/// The machine that a cAdvisor watches.
public struct MachineInfo: Hashable, Sendable {
  /// Logical cores, at least 1; `nil` where cAdvisor tells none, or a number that cannot be.
  public var cores: Int?
  /// Changes with every boot. `nil` when unknown, and not unique: virtual machines may share it.
  public var bootID: String?
  /// Of the operating system's installation; copies of it may share it.
  public var machineID: String?
  /// Of the hardware, or of what passes for it.
  public var systemUUID: String?

  /// A machine of these parts.
  public init(
    cores: Int?, bootID: String? = nil, machineID: String? = nil, systemUUID: String? = nil
  ) {
    self.cores = cores
    self.bootID = bootID
    self.machineID = machineID
    self.systemUUID = systemUUID
  }
}

extension MachineInfo {
  /// Tells it from other machines, and from itself before it was booted; `nil` when nothing does.
  var identity: String? {
    let parts = [("boot_id", bootID), ("machine_id", machineID), ("system_uuid", systemUUID)]
    let known = parts.compactMap { name, value in value.map { "\(name) \(Excerpt.of($0))" } }
    return known.isEmpty ? nil : known.joined(separator: ", ")
  }
}
