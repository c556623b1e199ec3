internal import Balancing

/// Which hosts are asked in a tick that comes before its time.
///
/// At the interval all are asked. In between it is those with servers that learn or clear a queue, and
/// those that are watched, then those with the backend's others, and never more than a hundred: those
/// that were asked early longest ago, so that each has its turn. Where more than that are wanted, the others
/// of a backend that does nothing but learn wait for the interval. So a fleet that learns costs what it costs
/// at rest and a hundred polls a look more.
struct EarlyLook: Sendable {
  /// Hosts that a backend wants to see soon.
  struct Wanted: Sendable, Equatable {
    /// With servers that learn or clear, or with neighbours that are watched.
    var first: Set<HostName> = []
    /// With its other servers.
    var others: Set<HostName> = []
    /// The same while it wants to see nothing but those that learn: in a large fleet these wait.
    var waiting: Set<HostName> = []
    /// Whether the container of one of its servers may be on any host.
    var mayBeAnywhere = false

    mutating func formUnion(_ other: Wanted) {
      first.formUnion(other.first)
      others.formUnion(other.others)
      waiting.formUnion(other.waiting)
      mayBeAnywhere = mayBeAnywhere || other.mayBeAnywhere
    }
  }

  private static let mostHosts = 100
  /// A part of the interval: ticks come when the timer lets them.
  private static let early = 0.9

  private var lastFull: Timestamp?
  private var wanted = Wanted()
  /// When each was asked early last.
  private var askedAt: [HostName: Timestamp] = [:]

  /// The hosts to ask now; `nil` for all.
  mutating func hosts(
    of fleet: [HostName], at now: Timestamp, intervalSeconds: Double
  ) -> Set<HostName>? {
    guard let lastFull, case let since = now.seconds(since: lastFull),
      (0..<Self.early * intervalSeconds).contains(since)
    else {
      lastFull = now
      let present = Set(fleet)
      askedAt = askedAt.filter { present.contains($0.key) }
      return nil
    }
    let all = wanted.first.union(wanted.others).union(wanted.waiting)
    let others = all.count > Self.mostHosts ? wanted.others : all
    func rank(_ host: HostName) -> Int? {
      if wanted.first.contains(host) { return 0 }
      if others.contains(host) { return 1 }
      return wanted.mayBeAnywhere ? 2 : nil
    }
    let ranked = fleet.compactMap { host in
      rank(host).map { (host: host, rank: $0, askedAt: askedAt[host] ?? .never) }
    }.sorted { ($0.rank, $0.askedAt) < ($1.rank, $1.askedAt) }
    let chosen = ranked.prefix(Self.mostHosts).map(\.host)
    for host in chosen { askedAt[host] = now }
    return Set(chosen)
  }

  /// Remembers what the next look is for.
  mutating func look(for wanted: Wanted) { self.wanted = wanted }

  /// The next tick asks all.
  mutating func forget() { (lastFull, askedAt) = (nil, [:]) }
}

extension Timestamp {
  /// Before whatever was.
  fileprivate static var never: Timestamp { Timestamp(nanoseconds: .min) }
}
