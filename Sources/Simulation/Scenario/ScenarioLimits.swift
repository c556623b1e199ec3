/// What a scenario may ask for: wide enough for any cluster, and narrow enough that a run ends and
/// fits into memory.
enum ScenarioLimits {
  /// A number that a double still tells from its neighbours.
  static let seed = 0...((1 << 53) - 1)
  static let duration = 1.0...86_400.0
  static let interval = 1.0...600.0

  static let balancers = 20
  static let draws = 1...100
  static let share = 0.0...1_000.0
  static let slowstart = 0.0...3_600.0

  static let housekeeping = 0.1...600.0
  static let jitter = 0.0...10.0
  static let lag = 0.0...600.0
  static let clockOffset = -86_400.0...86_400.0

  static let requestCPU = 0.0001...100.0
  static let variation = 0.0...10.0
  static let io = 0.0...3600.0
  static let timeout = 0.1...7200.0

  static let rate = 0.001...100_000.0
  static let burst = 0.0...5.0
  static let clients = 1...100_000
  /// In a whole run, by the mean of the demand.
  static let requests = 100_000_000.0

  static let hosts = 200
  static let cores = 0.01...1_024.0
  /// Cores that may also be none.
  static let usedCores = 0.0...1_024.0
  static let noise = 0.0...5.0
  /// The kernel's own.
  static let shares = 2.0...262_144.0
  static let visit = 0.1...86_400.0
  static let firstVisit = 0.0...86_400.0
  static let threadSharing = 0.0...10.0

  static let slices = 200
  static let servers = 200
  static let costFactor = 0.01...100.0
  static let warmup = 1.0...86_400.0
  static let part = 0.0...1.0
  static let connections = 1...1_000_000
  static let crowding = 0.0...10.0

  /// With their repetitions.
  static let events = 10_000
  static let demandFactor = 0.0...1_000.0
  static let over = 0.0...86_400.0
  static let toldLate = 0.0...600.0
  static let every = 1.0...86_400.0
  static let lasting = 1.0...86_400.0
  /// CPU seconds by which one sample is too high.
  static let spike = 0.001...CounterFault.years
  /// The smallest and the largest number that a gauge of 32 bits shows when it was decremented once
  /// too often.
  static let inFlight = -1.0...4_294_967_295.0
}
