internal import Balancing

/// What each server may use of a limit that it shares with others of its backend.
///
/// Several servers in one slice, pod or task share its quota as they would share a host of that size.
/// Level, each has the same part of it: were each told the whole, they would be filled twice over.
struct SharedParts {
  private struct Cgroup: Hashable {
    var host: HostName
    var id: String
  }

  private var members: [Cgroup: Int] = [:]
  private let contentions: [HostName: CPUContention]

  init(_ servers: [MatchedServer], _ contentions: [HostName: CPUContention]) {
    self.contentions = contentions
    for matched in servers where matched.server.state.takesTraffic {
      guard let host = matched.container?.host, let limit = matched.track?.sharedLimit else {
        continue
      }
      members[Cgroup(host: host, id: limit.id), default: 0] += 1
    }
  }

  /// The limit of one container in cores: its own, its part of the one that it shares, or of the CPUs
  /// that it is pinned to with others.
  func limit(of container: ContainerKey, _ track: ContainerTrack) -> Double? {
    var limits = [
      track.quotaCores, contentions[container.host]?.pinnedPart(of: container.id, track),
    ]
    if let shared = track.sharedLimit {
      let cgroup = Cgroup(host: container.host, id: shared.id)
      limits.append(shared.cores / Double(max(1, members[cgroup] ?? 1)))
    }
    return limits.compactMap(\.self).min()
  }
}
