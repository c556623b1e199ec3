/// The limits that a container can hit, and how full they are.
struct Limits: Hashable, Sendable {
  /// Cores that it may use itself: its own limit, at most its host's.
  let cores: Double
  private let capacity: Capacity
  let hostCores: Double?
  /// Cores used by all on the host; `nil` without fresh samples.
  let hostRate: Double?

  /// - Returns: `nil` when neither a limit of its own nor the host's size is known.
  init?(_ capacity: Capacity, host: HostMeter, tick: Tick) {
    guard let cores = capacity.cores(onHostOf: host.cores) else { return nil }
    self.cores = cores
    self.capacity = capacity
    hostCores = host.cores
    hostRate = host.rate(in: tick)
  }

  /// The fullest of them at a CPU use of `used` cores.
  func utilisation(cores used: Double) -> Utilisation {
    var fullest: Utilisation?
    func compare(_ other: Utilisation) {
      if fullest.map({ $0.value < other.value }) ?? true { fullest = other }
    }
    let own = capacity.limit
    if let own, own.cores <= hostCores ?? .infinity {
      compare(Utilisation(used / own.cores, of: own.kind))
    }
    if let hostCores {
      if let hostRate { compare(Utilisation(hostRate / hostCores, of: .host)) }
      if fullest == nil || own?.cores ?? 0 > hostCores {
        compare(Utilisation(used / hostCores, of: .host))
      }
    }
    return fullest ?? Utilisation(used / cores, of: .host)
  }
}
