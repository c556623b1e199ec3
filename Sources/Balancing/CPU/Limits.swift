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
    switch (quota, host.cores) {
    case (let quota?, let cores?): self.cores = min(quota, cores)
    case (let only?, nil), (nil, let only?): cores = only
    case (nil, nil): return nil
    }
    self.quota = quota
    self.isSeen = isSeen
    hostCores = host.cores
    hostRate = host.rate(in: tick)
  }

  /// The fullest of them at a CPU use of `used` cores.
  func utilisation(cores used: Double) -> Utilisation {
    var fullest: Utilisation?
    func compare(_ other: Utilisation) {
      if fullest.map({ $0.value < other.value }) ?? true { fullest = other }
    }
    if let quota, quota <= hostCores ?? .infinity {
      compare(Utilisation(used / quota, of: isSeen ? .seen : .quota))
    }
    if let hostCores {
      if let hostRate { compare(Utilisation(hostRate / hostCores, of: .host)) }
      if fullest == nil || quota ?? 0 > hostCores {
        compare(Utilisation(used / hostCores, of: .host))
      }
    }
    return fullest ?? Utilisation(used / cores, of: .host)
  }
}
