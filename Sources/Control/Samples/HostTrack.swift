internal import Balancing

/// What is known of one host and its containers.
package struct HostTrack: Codable, Sendable {
  /// `nil` while they are not known.
  package private(set) var cores: Double?
  package private(set) var window = SampleWindow()
  package private(set) var clock = HostClock()
  package private(set) var addresses: Set<String> = []
  /// By container id.
  package private(set) var containers: [String: ContainerTrack] = [:]

  /// What matching by name depends on.
  var inventory: [String: InventoryEntry] {
    containers.mapValues { InventoryEntry(identity: $0.identity, twin: $0.twin) }
  }

  mutating func take(_ reading: HostReading, receivedAt: Timestamp) {
    let reading = clock.steady(reading, receivedAt: receivedAt)
    cores = reading.cores
    addresses = reading.addresses
    if let sample = reading.hostSample { window.add(sample, atMost: cores) }
    guard !reading.containers.isEmpty || containers.isEmpty else {
      // Perhaps all are gone, perhaps it has lost sight of them: there is no telling.
      for id in Array(containers.keys) { containers[id]?.losesSight() }
      return
    }
    var listed: [String: ContainerTrack] = [:]
    for container in reading.containers {
      var track = containers[container.id] ?? ContainerTrack()
      track.take(container, hostCores: cores)
      listed[container.id] = track
    }
    findTwins(in: &listed)
    containers = listed
  }

  /// Finds the containers that are listed under several cgroups, and takes one of these for each.
  private func findTwins(in listed: inout [String: ContainerTrack]) {
    var cgroups: [String: [String]] = [:]
    for (id, track) in listed {
      guard let container = track.identity.runtimeID else { continue }
      cgroups[container, default: []].append(id)
    }
    for ids in cgroups.values {
      let used = used(of: ids, in: listed)
      for id in ids { listed[id]?.twin = id == used ? nil : used }
    }
  }

  /// The one whose counter moves; else the one that is read, that was used before, that has counted
  /// the most.
  private func used(of ids: [String], in listed: [String: ContainerTrack]) -> String? {
    guard ids.count > 1 else { return ids.first }
    let newest = ids.compactMap { listed[$0]?.window.samples.last?.timestamp }.max()
    func rank(_ id: String) -> [Double] {
      guard let track = listed[id] else { return [] }
      let last = track.window.samples.last
      let age = last.flatMap { last in newest?.seconds(since: last.timestamp) } ?? .infinity
      let wasUsed = containers[id].map { $0.twin == nil } ?? false
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

/// What names a container, and whether it is another entry for one that is named already.
struct InventoryEntry: Equatable {
  var identity: ContainerIdentity
  var twin: String?
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
      alias.utf8.count == 64 && alias.allSatisfy { $0.isASCII && $0.isHexDigit }
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
  /// The most that it used of late, in cores, older use counting less.
  package private(set) var recentPeakCores = 0.0
  /// As in ``ContainerReading``.
  package private(set) var isWholeHost = false
  /// Why its load cannot be known, in words.
  package private(set) var flaw: String?
  package private(set) var window = SampleWindow()
  /// The entry that stands for the same container in the place of this one.
  package fileprivate(set) var twin: String?

  fileprivate mutating func take(_ reading: ContainerReading, hostCores: Double?) {
    identity = ContainerIdentity(
      aliases: reading.aliases, labels: reading.labels, addresses: reading.addresses)
    quotaCores = reading.quotaCores
    sharedLimit = reading.sharedLimit
    cpuShares = reading.cpuShares.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
    pinnedCPUs = reading.pinnedCPUs
    isWholeHost = reading.isWholeHost
    flaw = reading.flaw
    if let sample = reading.sample {
      let before = window.samples.last
      window.add(sample, atMost: reading.quotaCores ?? hostCores)
      if let before, let now = window.samples.last { notePeak(from: before, to: now) }
    }
  }

  private mutating func notePeak(from before: CPUSample, to now: CPUSample) {
    let seconds = now.timestamp.seconds(since: before.timestamp)
    guard seconds > 0 else { return }
    // Halved in as long as it takes for what was to be forgotten.
    let faded = recentPeakCores * max(0, 1 - seconds / Self.peakMemorySeconds)
    recentPeakCores = max(faded, (now.cpuSeconds(since: before) ?? 0) / seconds)
  }

  private static let peakMemorySeconds = 600.0

  fileprivate mutating func losesSight() {
    flaw = "its cAdvisor answers, and knows no Docker container any more"
  }
}
