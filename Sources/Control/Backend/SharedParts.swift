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

  init(_ servers: [BackendServers.Server], _ matches: [ServerName: Match], _ samples: SampleView) {
    for server in servers where server.state.takesTraffic {
      guard let match = matches[server.name], let host = match.container?.host,
        let limit = samples.track(of: match)?.sharedLimit
      else { continue }
      members[Cgroup(host: host, id: limit.id), default: 0] += 1
    }
  }

  /// The limit of one container in cores: its own, or its part of the one that it shares.
  func limit(of track: ContainerTrack, on host: HostName) -> Double? {
    guard let shared = track.sharedLimit else { return track.quotaCores }
    let part = shared.cores / Double(max(1, members[Cgroup(host: host, id: shared.id)] ?? 1))
    return min(track.quotaCores ?? .infinity, part)
  }
}
