package import Balancing
package import Control
internal import DequeModule

/// The last hour of every backend, a point each ten seconds or each tick, whichever is longer.
///
/// Columns of numbers, so that a server takes two kilobytes.
package struct StatusHistory: Sendable {
  package static let mostPoints = 360
  private static let leastSeconds = 10.0
  private static let longestSeconds = 3600.0

  private var times: Deque<Timestamp> = []
  private var backends: [BackendName: Columns] = [:]
  private var reloads: Deque<(balancer: BalancerName, at: Timestamp)> = []
  /// Weights written since the last point.
  private var written: [BackendName: Int] = [:]

  fileprivate struct Columns: Sendable {
    var spread = Column()
    var demand = Column()
    var spreadLevelled = Column()
    var spreadUnlevelled = Column()
    /// Weights written since the point before.
    var writes = Column()
    var servers: [ServerName: ServerColumns] = [:]
    /// Of all of them, in HAProxy's order.
    var names: [ServerName] = []
  }

  fileprivate struct ServerColumns: Sendable {
    var utilisation: Column
    var weight: Column

    init(after missing: Int) {
      utilisation = Column(after: missing)
      weight = Column(after: missing)
    }

    mutating func add(_ server: ServerStatus?) {
      utilisation.add(server?.utilisation?.value)
      weight.add((server?.weights.first?.standing.value).map(Double.init))
    }

    mutating func forget(_ count: Int) {
      utilisation.values.removeFirst(count)
      weight.values.removeFirst(count)
    }

    var isEmpty: Bool { utilisation.isEmpty && weight.isEmpty }
  }

  /// Numbers in the order of `times`; what is not known is not a number.
  fileprivate struct Column: Sendable {
    var values: Deque<Float> = []

    /// A column that begins later than its fellows.
    init(after missing: Int = 0) { values = Deque(repeating: .nan, count: missing) }

    mutating func add(_ value: Double?) { values.append(value.map { Float($0) } ?? .nan) }

    var isEmpty: Bool { values.allSatisfy(\.isNaN) }
  }

  package init() {}

  /// Takes in a tick, unless the last point is too young.
  ///
  /// - Parameter moment: on the steady clock; what comes from the future is forgotten.
  package mutating func add(_ report: TickReport, at moment: Timestamp) {
    if times.last.map({ moment < $0 }) == true { self = StatusHistory() }
    for event in report.events {
      switch event {
      case .weightChanged(let change): written[change.backend, default: 0] += 1
      case .balancerReloaded(let balancer): reloads.append((balancer, moment))
      default: break
      }
    }
    let old = reloads.prefix { moment.seconds(since: $0.at) > Self.longestSeconds }.count
    reloads.removeFirst(max(old, reloads.count - Self.mostPoints))
    add(report.snapshot, at: moment)
  }

  private mutating func add(_ snapshot: Snapshot, at moment: Timestamp) {
    if let last = times.last {
      if moment.seconds(since: last) < Self.leastSeconds - 0.5 { return }
    }
    let before = times.count
    times.append(moment)
    let present = Set(snapshot.backends.map(\.name))
    backends = backends.filter { present.contains($0.key) }
    for backend in snapshot.backends {
      backends[backend.name, default: Self.empty(after: before)]
        .add(backend, written: written[backend.name] ?? 0, after: before)
    }
    written = [:]
    let old = times.prefix { moment.seconds(since: $0) > Self.longestSeconds }.count
    forget(max(old, times.count - Self.mostPoints))
  }

  private static func empty(after count: Int) -> Columns {
    let empty = Column(after: count)
    return Columns(
      spread: empty, demand: empty, spreadLevelled: empty, spreadUnlevelled: empty, writes: empty)
  }

  private mutating func forget(_ count: Int) {
    guard count > 0 else { return }
    times.removeFirst(count)
    // An array: the dictionary's own keys would hold a second copy of it, and all would be copied.
    for name in Array(backends.keys) { backends[name]?.forget(count) }
  }

  /// - Parameters:
  ///   - backend: only this one; `nil` for all.
  ///   - servers: whether the columns of single servers are wanted, which are the most of it.
  package func report(
    of backend: BackendName? = nil, servers: Bool = true, as wall: WallTime = WallTime()
  ) -> HistoryReport {
    let names = backends.keys.sorted().filter { backend == nil || $0 == backend }
    return HistoryReport(
      reloads: reloads.map {
        HistoryReport.Reload(
          balancer: $0.balancer.text, at: wall.shown($0.at).secondsSinceEpoch.rounded(to: 1))
      },
      backends: names.compactMap { name in
        backends[name].map { columns in
          HistoryReport.Backend(
            name: name.text, at: times.map { wall.shown($0).secondsSinceEpoch.rounded(to: 1) },
            spread: columns.spread.numbers, demandPerSecond: columns.demand.numbers,
            spreadLevelled: columns.spreadLevelled.numbers,
            spreadUnlevelled: columns.spreadUnlevelled.numbers, writes: columns.writes.numbers,
            servers: !servers
              ? []
              : columns.names.compactMap { name in
                columns.servers[name].map { server in
                  HistoryReport.Server(
                    name: name.text, utilisation: server.utilisation.numbers,
                    weight: server.weight.numbers)
                }
              })
        }
      })
  }
}

extension StatusHistory.Columns {
  fileprivate mutating func add(_ status: BackendStatus, written: Int, after count: Int) {
    spread.add(status.spread)
    demand.add(status.demandPerSecond)
    spreadLevelled.add(status.levelling?.spreadLevelled)
    spreadUnlevelled.add(status.levelling?.spreadUnlevelled)
    writes.add(Double(written))
    var listed: [ServerName] = []
    var seen: Set<ServerName> = []
    for server in status.servers where !server.isEmptySlot && seen.insert(server.name).inserted {
      listed.append(server.name)
      servers[server.name, default: StatusHistory.ServerColumns(after: count)].add(server)
    }
    let gone = names.filter { !seen.contains($0) }
    for name in gone { servers[name]?.add(nil) }
    // A backend that could not be read still has its servers.
    names = listed + gone
  }

  fileprivate mutating func forget(_ count: Int) {
    spread.values.removeFirst(count)
    demand.values.removeFirst(count)
    spreadLevelled.values.removeFirst(count)
    spreadUnlevelled.values.removeFirst(count)
    writes.values.removeFirst(count)
    for name in names {
      servers[name]?.forget(count)
      if servers[name]?.isEmpty == true { servers[name] = nil }
    }
    names.removeAll { servers[$0] == nil }
  }
}

extension StatusHistory.Column {
  fileprivate var numbers: [Double?] {
    values.map { Double($0).ifFinite.map { $0.rounded(to: 4) } }
  }
}

extension Double {
  /// Rounded to so many decimals, for a text that need not be longer.
  fileprivate func rounded(to decimals: Int) -> Double {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    return (self * scale).rounded() / scale
  }
}

/// `/api/v1/history`: columns of equal length, `null` where nothing was known.
package struct HistoryReport: Codable, Equatable, Sendable {
  package var version = 1
  /// HAProxy processes that were replaced, oldest first.
  package var reloads: [Reload]
  package var backends: [Backend]

  package struct Reload: Codable, Equatable, Sendable {
    package var balancer: String
    /// Unix time in seconds.
    package var at: Double
  }

  package struct Backend: Codable, Equatable, Sendable {
    package var name: String
    /// Unix time in seconds.
    package var at: [Double]
    package var spread: [Double?]
    package var demandPerSecond: [Double?]
    /// What the spread would be with the weights that level and without them, by the costs learned.
    package var spreadLevelled: [Double?]
    package var spreadUnlevelled: [Double?]
    /// Weights written since the point before.
    package var writes: [Double?]
    package var servers: [Server]
  }

  package struct Server: Codable, Equatable, Sendable {
    package var name: String
    package var utilisation: [Double?]
    /// On the first balancer that has the server.
    package var weight: [Double?]
  }
}
