internal import Balancing

/// What servers of one backend that are on one machine have of it, where the machine as a whole is
/// what serves.
///
/// Their work cannot be told apart, so each is taken for an equal part of the machine: of its CPU use
/// and of what all of them answered. What a request costs is the same for all, as it is in truth
/// where they are alike, and together they are the machine.
struct HostParts {
  private var counts: [ContainerKey: Int] = [:]

  init(_ servers: [MatchedServer]) {
    for matched in servers where matched.track?.isWholeHost == true {
      guard let container = matched.container else { continue }
      counts[container, default: 0] += 1
    }
  }

  /// Tells the parts apart; a part among more or fewer others is another one.
  func id(of container: ContainerKey, for server: ServerName) -> String {
    let count = count(container)
    return count > 1 ? "\(container.id) 1/\(count) \(server)" : container.id
  }

  /// One part's CPU use.
  func samples(of container: ContainerKey, _ track: ContainerTrack) -> [CPUSample] {
    let count = UInt64(count(container))
    guard count > 1 else { return track.window.samples }
    return track.window.samples.map {
      CPUSample(timestamp: $0.timestamp, cpuNanoseconds: $0.cpuNanoseconds / count)
    }
  }

  /// One part of what all of them did.
  func part(of container: ContainerKey, _ counters: RequestCounters) -> RequestCounters {
    let count = Double(count(container))
    guard count > 1 else { return counters }
    return RequestCounters(
      arrived: counters.arrived / count, done: counters.done / count,
      failed: counters.failed / count, inFlight: counters.inFlight / count,
      open: counters.open / count, tried: counters.tried / count,
      tunnelled: counters.tunnelled / count)
  }

  private func count(_ container: ContainerKey) -> Int { max(1, counts[container] ?? 1) }
}
