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
  private var neighboursAreThere = true
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

  /// What one cgroup wants.
  struct Claim {
    /// Cores that it would use in the mean, if nobody else did.
    var cores: Double
    /// The most that it may use while it has something to do.
    var most: Double
    var shares: Double
  }

  /// Hands out the cores for the next second, as Linux does it between cgroups: a part in proportion
  /// to its shares to each that wants so much, and what is left over to whoever wants more.
  ///
  /// A server that has something to do wants all that it may have, however seldom that is: what it
  /// left to others before does not count.
  ///
  /// - Parameter claims: of each of its servers.
  /// - Returns: cores that each of its servers works with while it has something to do.
  mutating func share(_ claims: [Claim], _ random: inout SeededRandom) -> [Double] {
    let noise = model.neighbourNoise * random.normal()
    let neighbour = max(0, visitingCores * (1 + noise))
    let wanted = claims.map(\.cores) + [neighbour]
    let shares = claims.map(\.shares) + [model.neighbourShares]
    neighbourUse = Self.fair(wanted, shares: shares, of: model.cores).last ?? 0
    return claims.indices.map { index in
      var busy = wanted
      busy[index] = min(claims[index].most, model.cores)
      return Self.fair(busy, shares: shares, of: model.cores)[index]
    }
  }

  /// Cores that neighbours get beside others.
  func neighbourCores(beside claims: [Claim]) -> Double {
    Self.fair(
      claims.map(\.cores) + [visitingCores], shares: claims.map(\.shares) + [model.neighbourShares],
      of: model.cores
    ).last ?? 0
  }

  /// Max-min fairness, in proportion to shares.
  static func fair(_ wanted: [Double], shares: [Double]? = nil, of capacity: Double) -> [Double] {
    let shares = shares ?? wanted.map { _ in 1 }
    var given = wanted
    var left = capacity
    var open = wanted.indices.sorted { wanted[$0] * shares[$1] < wanted[$1] * shares[$0] }
    var openShares = shares.reduce(0, +)
    while let first = open.first {
      guard wanted[first] * openShares <= left * shares[first] else {
        for index in open { given[index] = left * shares[index] / openShares }
        break
      }
      left -= wanted[first]
      openShares -= shares[first]
      open.removeFirst()
    }
    return given
  }

  // MARK: Neighbours that come and go

  /// What neighbours want at present.
  private var visitingCores: Double { neighboursAreThere ? model.neighbourCores : 0 }

  /// - Returns: when they come or go first.
  mutating func beginVisits(_ random: inout SeededRandom) -> Double? {
    guard let visits = model.visits else { return nil }
    neighboursAreThere = false
    neighbourUse = 0
    if let first = visits.firstSeconds { return first }
    guard visits.isRandom else { return 0 }
    if random.chance(visits.presence) { return 0 }
    return random.exponential(rate: 1 / visits.offSeconds)
  }

  /// They come, or go.
  ///
  /// - Returns: seconds until they go or come.
  mutating func changeVisit(_ random: inout SeededRandom) -> Double? {
    guard let visits = model.visits else { return nil }
    neighboursAreThere.toggle()
    let seconds = neighboursAreThere ? visits.onSeconds : visits.offSeconds
    return visits.isRandom ? random.exponential(rate: 1 / seconds) : seconds
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
        cpuNanoseconds: UInt64(exactly: max(0, cpuSeconds * 1e9).rounded(.towardZero)) ?? .max)
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
