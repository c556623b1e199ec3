internal import Balancing

/// One server of a backend beside its container, looked up once a tick: there are many of either, and much
/// is kept of each.
struct MatchedServer: Sendable {
  let server: BackendServers.Server
  let match: Match
  /// What is known of its container; `nil` where none is matched, or it is gone.
  let track: ContainerTrack?

  init(_ server: BackendServers.Server, _ match: Match, in samples: SampleView) {
    (self.server, self.match, track) = (server, match, samples.track(of: match))
  }

  var container: ContainerKey? { match.container }
}

extension BackendServers {
  /// The servers, in their order, each beside its container.
  func matched(by matches: [ServerName: Match], in samples: SampleView) -> [MatchedServer] {
    servers.map { MatchedServer($0, matches[$0.name] ?? .none, in: samples) }
  }
}
