/// The limits that a container can hit, and how full they are.
struct Limits: Hashable, Sendable {
  /// Cores that it may use itself: its quota, at most its host's.
  let cores: Double
  let quota: Double?
  /// Whether the quota is what the server was seen to be able to do.
  private let isSeen: Bool
  let hostCores: Double?
  /// Cores used by all on the host; `nil` without fresh samples.
  let hostRate: Double?

  /// - Returns: `nil` when neither a quota nor the host's size is known.
  init?(quota: Double?, isSeen: Bool = false, host: HostMeter, tick: Tick) {
    let least = [quota, host.cores].compactMap(\.self).min()
    guard let least else { return nil }
    cores = least
    self.quota = quota
    self.isSeen = isSeen
    hostCores = host.cores
    hostRate = host.rate(in: tick)
  }

  /// The fullest of them at a CPU use of `used` cores.
  func utilisation(cores used: Double) -> Utilisation {
    var values: [Utilisation] = []
    if let quota, quota <= hostCores ?? .infinity {
      values.append(Utilisation(used / quota, of: isSeen ? .seen : .quota))
    }
    if let hostCores {
      if let hostRate { values.append(Utilisation(hostRate / hostCores, of: .host)) }
      if values.isEmpty || quota ?? 0 > hostCores {
        values.append(Utilisation(used / hostCores, of: .host))
      }
    }
    return values.max { $0.value < $1.value } ?? Utilisation(used / cores, of: .host)
  }
}
