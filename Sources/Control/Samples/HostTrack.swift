internal import Balancing

/// What is known of one host and its containers.
package struct HostTrack: Codable, Sendable {
  /// `nil` while they are not known.
  package private(set) var cores: Double?
  package private(set) var window = SampleWindow()
  package private(set) var clock = HostClock()
  package private(set) var addresses: Set<String> = []
  /// As in ``HostReading``.
  package private(set) var isHere = false
  /// Questions in a row that brought no answer.
  private var misses = 0
  /// By container id.
  package private(set) var containers = ContainerTracks()
  /// What is used by what is in no container.
  private var outside = OutsideUse()

  /// - Parameters:
  ///   - serving: ids of the containers that are somebody's servers; `nil` while nobody knows.
  ///   - seconds: for which samples are kept.
  /// - Returns: whether what matching by name depends on has changed.
  mutating func take(
    _ reading: HostReading, receivedAt: Timestamp, serving: Set<String>? = nil,
    keepingFor seconds: Double = SampleWindow.longestSeconds
  ) -> Bool {
    let reading = clock.steady(reading, receivedAt: receivedAt)
    cores = reading.cores
    let hasMoved =
      addresses != reading.addresses || isHere != reading.isHere || isSilent
    (addresses, isHere, misses) = (reading.addresses, reading.isHere, 0)
    if let sample = reading.hostSample { window.add(sample, atMost: cores, for: seconds) }
    guard reading.others == 0 else {
      let isRenamed = take(some: reading.containers, keepingFor: seconds)
      noteOutside()
      return hasMoved || isRenamed
    }
    guard !reading.containers.isEmpty || containers.isEmpty else {
      // Perhaps all are gone, perhaps it has lost sight of them: there is no telling.
      containers.update { _, _, track in track.losesSight() }
      return hasMoved
    }
    let isSameList = containers.lists(reading.containers)
    let hadTwins = containers.hasTwins
    // Where the list is the same and nothing has a twin, each was used.
    let before = isSameList && !hadTwins ? nil : containers
    var byID: [String: ContainerReading] = [:]
    if !isSameList {
      byID = Dictionary(reading.containers.map { ($0.id, $0) }) { $1 }
      containers.list(reading.containers)
    }
    let cores = cores
    var isRenamed = false
    containers.update { place, id, track in
      guard let container = isSameList ? reading.containers[place] : byID[id] else { return }
      isRenamed = !track.names(container) || isRenamed
      let isServing = serving.map { $0.contains(id) } ?? true
      track.take(
        container, hostCores: cores, keepsAll: isServing || hadTwins, for: seconds)
    }
    noteOutside()
    guard !isSameList || isRenamed || hadTwins else { return hasMoved }
    let haveTwinsChanged = findTwins(before: before)
    return hasMoved || !isSameList || isRenamed || haveTwinsChanged
  }

  /// Cores that what is in no container uses, over the last minute or so; `nil` before anything was seen.
  package var outsideCores: Double? { outside.cores }

  /// Takes in some of its containers, all of which are somebody's servers.
  ///
  /// - Returns: whether one has other names than before.
  private mutating func take(some readings: [ContainerReading], keepingFor seconds: Double) -> Bool
  {
    let cores = cores
    var isRenamed = false
    for reading in readings {
      containers.update(reading.id) { track in
        isRenamed = !track.names(reading) || isRenamed
        track.take(reading, hostCores: cores, keepsAll: true, for: seconds)
      }
    }
    return isRenamed
  }

  /// Those that were not asked for are reckoned with as they were.
  private mutating func noteOutside() {
    guard let use else { return }
    outside.add(use.cores - containers.usedCores, until: use.end, for: use.seconds)
  }

  /// What the host used between its last two samples.
  var use: (cores: Double, seconds: Double, end: Timestamp)? {
    guard let now = window.samples.last, let before = window.samples.dropLast().last,
      let used = now.cpuSeconds(since: before)
    else { return nil }
    let seconds = now.timestamp.seconds(since: before.timestamp)
    return (used / seconds, seconds, now.timestamp)
  }

  /// Whether it answered when it was asked last.
  var isAnswering: Bool { misses == 0 }

  private static let missesOfTheSilent = 3

  /// Whether it has not answered for a while: where another entry is the same machine, that one is
  /// used.
  var isSilent: Bool { misses >= Self.missesOfTheSilent }

  /// Takes in that it did not answer.
  ///
  /// - Returns: whether it counts as silent from now on.
  mutating func takeSilence() -> Bool {
    guard !isSilent else { return false }
    misses += 1
    return isSilent
  }

  /// Finds the containers that are listed under several cgroups, and takes one of these for each.
  ///
  /// - Returns: whether another is taken than before.
  private mutating func findTwins(before: ContainerTracks?) -> Bool {
    var cgroups: [String: [String]] = [:]
    for (id, track) in containers {
      guard let container = track.identity.runtimeID else { continue }
      cgroups[container, default: []].append(id)
    }
    var twins: [String: String] = [:]
    for ids in cgroups.values where ids.count > 1 {
      guard let used = used(of: ids, before: before) else { continue }
      for id in ids where id != used { twins[id] = used }
    }
    var hasChanged = false
    containers.update { _, id, track in
      hasChanged = hasChanged || track.twin != twins[id]
      track.twin = twins[id]
    }
    return hasChanged
  }

  /// The one whose counter moves; else the one that is read, that was used before, that has counted
  /// the most.
  private func used(of ids: [String], before: ContainerTracks?) -> String? {
    let newest = ids.compactMap { containers[$0]?.window.samples.last?.timestamp }.max()
    func rank(_ id: String) -> [Double] {
      guard let track = containers[id] else { return [] }
      let last = track.window.samples.last
      let age = last.flatMap { last in newest?.seconds(since: last.timestamp) } ?? .infinity
      let wasUsed = before.map { $0[id].map { $0.twin == nil } ?? false } ?? true
      return [
        track.flaw == nil ? 1 : 0, track.window.moves ? 1 : 0, age < Self.sameTime ? 1 : 0,
        wasUsed ? 1 : 0, Double(last?.cpuNanoseconds ?? 0),
      ]
    }
    return ids.sorted().max { rank($0).lexicographicallyPrecedes(rank($1)) }
  }

  /// Seconds by which two readings of one container may differ.
  private static let sameTime = 60.0
}

/// What names a container.
package struct ContainerIdentity: Codable, Hashable, Sendable {
  package var aliases: [String] = []
  package var labels: [String: String] = [:]
  /// Its own, where they are told.
  package var addresses: Set<String> = []

  /// What its runtime calls it, wherever cAdvisor lists it: the second alias, 64 hex digits.
  var runtimeID: String? {
    aliases.dropFirst().first { alias in
      alias.utf8.count == 64 && alias.utf8.allSatisfy(Self.isHexDigit)
    }
  }

  /// The same, of a container without such an alias, as far as the path of its cgroup has it.
  func runtimeID(in cgroup: String) -> String? {
    if let runtimeID { return runtimeID }
    let parts = cgroup.utf8.split { !Self.isHexDigit($0) }
    return parts.last { $0.count == 64 }.map { String(decoding: $0, as: UTF8.self) }
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }

  /// Whether `docker compose run` made it, beside the service whose labels it has.
  package var isOneOff: Bool { labels[Self.oneOffLabel]?.lowercased() == "true" }

  package static let oneOffLabel = "com.docker.compose.oneoff"
}

/// What is known of one container.
package struct ContainerTrack: Codable, Sendable {
  package private(set) var identity = ContainerIdentity()
  package private(set) var quotaCores: Double?
  /// The tightest limit on a cgroup that it is in.
  package private(set) var sharedLimit: SharedLimit?
  /// As in ``ContainerReading``.
  package private(set) var cpuShares: Double?
  package private(set) var pinnedCPUs: Set<Int>?
  /// What it used between its last two samples.
  package private(set) var cores = 0.0
  /// The most that it used of late, in cores, older use counting less.
  package private(set) var recentPeakCores = 0.0
  /// As in ``ContainerReading``.
  package private(set) var isWholeHost = false
  /// Why its load cannot be known, in words.
  package private(set) var flaw: String?
  package private(set) var window = SampleWindow()
  /// How it waited for CPU time; `nil` where nobody tells.
  package private(set) var wait: CPUWait?
  /// The entry that stands for the same container in the place of this one.
  package fileprivate(set) var twin: String?

  package init() {}

  /// Whether a reading has the same names.
  fileprivate func names(_ reading: ContainerReading) -> Bool {
    identity.aliases == reading.aliases && identity.labels == reading.labels
      && identity.addresses == reading.addresses
  }

  /// - Parameter keepsAll: whether its samples are kept for as long as they are of use; else only as
  ///   many as tell that it is busy, and begin to tell its load should it become a server.
  fileprivate mutating func take(
    _ reading: ContainerReading, hostCores: Double?, keepsAll: Bool, for seconds: Double
  ) {
    // The texts that are kept already are kept on.
    if !names(reading) {
      identity = ContainerIdentity(
        aliases: reading.aliases, labels: reading.labels, addresses: reading.addresses)
    }
    quotaCores = reading.quotaCores
    sharedLimit = reading.sharedLimit
    cpuShares = reading.cpuShares.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
    pinnedCPUs = reading.pinnedCPUs
    isWholeHost = reading.isWholeHost
    flaw = reading.flaw
    if let sample = reading.sample {
      let before = window.samples.last
      window.add(
        sample, atMost: reading.quotaCores ?? hostCores,
        keeping: keepsAll ? SampleWindow.mostSamples : Self.fewSamples, for: seconds)
      if let before, let now = window.samples.last { notePeak(from: before, to: now) }
      note(keepsAll ? reading.waits : nil, at: sample.timestamp)
    } else {
      // What it uses is among what is not known to be in a container.
      cores = 0
    }
  }

  private mutating func note(_ counters: CPUWaitCounters?, at time: Timestamp) {
    guard let counters, !counters.isEmpty else { return wait = nil }
    if wait?.take(counters, at: time) == nil { wait = CPUWait(counters, at: time) }
  }

  private mutating func notePeak(from before: CPUSample, to now: CPUSample) {
    let seconds = now.timestamp.seconds(since: before.timestamp)
    guard seconds > 0 else { return }
    // Halved in as long as it takes for what was to be forgotten.
    let faded = recentPeakCores * max(0, 1 - seconds / Self.peakMemorySeconds)
    cores = (now.cpuSeconds(since: before) ?? 0) / seconds
    recentPeakCores = max(faded, cores)
  }

  private static let peakMemorySeconds = 600.0
  /// What a doubted one can be held against.
  private static let fewSamples = 3

  fileprivate mutating func losesSight() {
    flaw = "its source answers, and knows no container any more"
  }
}
