/// Finds out whether a backend's sessions are so long that their ends tell nothing of their cost.
struct SessionWatch: Hashable, Codable, Sendable {
  private struct Mark: Hashable, Codable, Sendable {
    var at: Timestamp
    var arrived: Double
    var done: Double
    var tunnelled: Double
  }

  private var total = Mark(
    at: Timestamp(nanoseconds: 0), arrived: 0, done: 0, tunnelled: 0)
  /// Oldest first: one at least as old as the time looked back, where there is one.
  private var marks: [Mark] = []
  private(set) var sessionsAreLong = false

  /// Takes in the counters of a tick.
  ///
  /// Sessions are long when fewer than one a server ended in five minutes, at least one a server is
  /// open, and what arrived is still there: a backend that fails its requests is not one with long
  /// sessions, nor is an idle one. What became a tunnel, as web sockets do, has arrived and does not
  /// end by an answer.
  mutating func observe(_ tick: Tick) {
    for growth in tick.servers.compactMap({ tick.counts[$0.name]?.growth }) {
      total.arrived += growth.arrived
      total.done += growth.done
      total.tunnelled += growth.tunnelled
    }
    total.at = tick.now
    let servers = tick.servers.filter { $0.state == .up }
    guard !servers.isEmpty, servers.allSatisfy({ $0.requests != nil }) else { return }
    mark(isAnew: servers.allSatisfy { tick.counts[$0.name]?.growth == nil })
    guard let first = marks.first,
      tick.now.seconds(since: first.at) >= CapacityConstants.evidenceSeconds
    else { return }
    let open = servers.reduce(0) { $0 + ($1.requests?.open ?? 0) }
    let done = total.done - first.done
    let arrived = total.arrived - first.arrived - (total.tunnelled - first.tunnelled)
    let count = Double(servers.count)
    sessionsAreLong = done < count && open >= count && arrived <= done + open
  }

  /// - Parameter isAnew: whether all counting has begun anew: what ended before is not known.
  private mutating func mark(isAnew: Bool) {
    if isAnew || marks.last.map({ total.at < $0.at }) == true { marks.removeAll() }
    marks.append(total)
    while let second = marks.dropFirst().first,
      total.at.seconds(since: second.at) >= CapacityConstants.evidenceSeconds
    {
      marks.removeFirst()
    }
  }
}
