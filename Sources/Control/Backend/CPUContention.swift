internal import Balancing

/// What the kernel gives a container on a host while others want CPU as well: to each in proportion to
/// its `cpu.shares` (Linux, Documentation/scheduler/sched-design-CFS.rst, "Group scheduler extensions").
///
/// Whoever uses less leaves it to the others, so that this is the least that there is.
struct CPUContention {
  private struct Contender {
    var id: String
    var shares: Double
    /// `nil` when it may run on all CPUs.
    var cpus: Set<Int>?
  }

  private let contenders: [Contender]
  /// What of the host the containers of the backend can have together at least, 0…0.5.
  let fairPart: Double

  /// - Parameter serving: ids of those that serve the backend.
  init(_ host: HostTrack, serving: Set<String>) {
    let entries = host.containers.entries
    contenders = entries.indices.compactMap { place in
      let cpus = entries[place].value.pinnedCPUs
      let size = cpus.map { Double($0.count) } ?? host.cores ?? 1
      guard entries[place].value.twin == nil,
        serving.contains(entries[place].key)
          || entries[place].value.recentPeakCores > Self.busy * size
      else { return nil }
      return Contender(
        id: entries[place].key, shares: entries[place].value.cpuShares ?? Self.usualShares,
        cpus: cpus)
    }
    let ours = contenders.filter { serving.contains($0.id) }.reduce(0) { $0 + $1.shares }
    let all = contenders.reduce(0) { $0 + $1.shares }
    // What is no container is a cgroup beside the one that all containers are in; where it does next to
    // nothing it takes nothing, but is a reason to count on no more than a half.
    let isIdle = host.outsideCores.map { $0 <= Self.busy * (host.cores ?? 1) } ?? false
    let others = isIdle ? 0 : max(all, Self.usualShares)
    fairPart = ours > 0 ? min(ours / (all + others), 0.5) : 0
  }

  /// Cores that a container pinned to a part of the CPUs has of them; `nil` when it is not.
  func pinnedPart(of id: String, _ track: ContainerTrack) -> Double? {
    guard let cpus = track.pinnedCPUs else { return nil }
    let shares = track.cpuShares ?? Self.usualShares
    let others = contenders.reduce(0) { sum, other in
      let shared = other.cpus.map { !$0.isDisjoint(with: cpus) } ?? false
      return other.id != id && shared ? sum + other.shares : sum
    }
    return Double(cpus.count) * shares / (shares + others)
  }

  private static let usualShares = 1024.0
  /// Part of its CPUs below which a container is no contender.
  private static let busy = 0.05
}
