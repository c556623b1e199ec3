internal import Balancing

/// A machine: its cores, its neighbours, and its cAdvisor.
struct SimulatedHost: Sendable {
  var model: HostModel
  let servers: [Int]
  var sampling: SamplingModel
  /// Whether its cAdvisor answers.
  var answers = true

  /// One counter that cAdvisor samples: 0 is the machine's own, then a container each.
  private(set) var tracks: [SampleTrack]
  /// What is shown of each.
  var counters: [ShownCounter]
  /// What others use at present.
  private(set) var neighbourUse = 0.0
  /// CPU seconds used by all since the start, as of the last second.
  private(set) var cpuSeconds = 0.0
  /// Cores used by all in the last second.
  private(set) var lastUse = 0.0

  init(_ model: HostModel, servers: [Int], sampling: SamplingModel) {
    self.model = model
    self.servers = servers
    self.sampling = sampling
    tracks = Array(repeating: SampleTrack(), count: servers.count + 1)
    counters = Array(repeating: ShownCounter(), count: servers.count + 1)
    neighbourUse = min(model.neighbourCores, model.cores)
  }

  /// Ends a second, in which our containers used so many cores.
  mutating func endSecond(ours: Double) {
    lastUse = ours + neighbourUse
    cpuSeconds += lastUse
  }

  /// Hands out the cores for the next second: a fair share to each that claims, what is left over
  /// to whoever wants more (as Linux's CFS does it between groups of equal weight).
  ///
  /// - Parameter claims: cores wanted by each of its servers.
  /// - Returns: cores that each of its servers may use.
  mutating func share(_ claims: [Double], _ random: inout SeededRandom) -> [Double] {
    var wanted = claims
    let noise = model.neighbourNoise * random.normal()
    wanted.append(max(0, model.neighbourCores * (1 + noise)))
    let given = Self.fair(wanted, of: model.cores)
    neighbourUse = given.last ?? 0
    let rest = max(0, model.cores - given.reduce(0, +))
    return given.dropLast().map { $0 + rest }
  }

  /// Max-min fairness.
  static func fair(_ wanted: [Double], of capacity: Double) -> [Double] {
    var given = wanted
    var left = capacity
    var open = wanted.indices.sorted { wanted[$0] < wanted[$1] }
    while let first = open.first {
      let part = left / Double(open.count)
      guard wanted[first] <= part else {
        for index in open { given[index] = part }
        break
      }
      left -= wanted[first]
      open.removeFirst()
    }
    return given
  }

  /// Reads one counter.
  ///
  /// - Returns: seconds until it is read again.
  mutating func sample(
    _ track: Int, cpuSeconds: Double, at now: Double, _ random: inout SeededRandom
  ) -> Double {
    tracks[track].add(
      counters[track].sample(cpuSeconds: cpuSeconds, at: now), at: now, lag: sampling.lagSeconds,
      offset: sampling.clockOffsetSeconds)
    let gap = tracks[track].gap(
      housekeeping: sampling.housekeepingSeconds, isDynamic: sampling.isDynamic)
    return gap * (1 + sampling.jitter * random.unit())
  }
}

/// What a cAdvisor has read of one counter.
struct SampleTrack: Sendable {
  private struct Reading: Sendable {
    var readableAt: Double
    /// `nil` where cAdvisor has none to show.
    var sample: CPUSample?
  }

  /// cAdvisor's `-max_housekeeping_interval`.
  private static let longestGapSeconds = 60.0

  private var readings: [Reading] = []
  private var idleFactor = 1.0

  mutating func add(_ cpuSeconds: Double?, at now: Double, lag: Double, offset: Double) {
    let sample = cpuSeconds.map { cpuSeconds in
      CPUSample(
        timestamp: Cluster.epoch.advanced(bySeconds: now + offset),
        cpuNanoseconds: UInt64(max(0, cpuSeconds * 1e9)))
    }
    let stoodStill =
      sample != nil && readings.last?.sample?.cpuNanoseconds == sample?.cpuNanoseconds
    idleFactor = stoodStill ? min(idleFactor * 2, Self.longestGapSeconds) : 1
    readings.append(Reading(readableAt: now + lag, sample: sample))
    // Whatever is older than what can be read now is never asked for again.
    if let newest = readings.lastIndex(where: { $0.readableAt <= now }), newest > 0 {
      readings.removeFirst(newest)
    }
  }

  /// Seconds to the next reading.
  func gap(housekeeping: Double, isDynamic: Bool) -> Double {
    guard isDynamic else { return housekeeping }
    return min(housekeeping * idleFactor, max(housekeeping, Self.longestGapSeconds))
  }

  func newest(at now: Double) -> CPUSample? {
    readings.last { $0.readableAt <= now }?.sample
  }
}
