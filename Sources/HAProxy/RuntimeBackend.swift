/// One backend and its servers.
public struct RuntimeBackend: Hashable, Sendable {
  /// What a backend talks.
  public enum Mode: String, Hashable, Sendable {
    /// HTTP: counters count requests.
    case http
    /// TCP: counters count connections.
    case tcp
    /// Anything else.
    case other
  }

  /// Its name.
  public var name: String
  /// How it hands out requests, for instance `roundrobin`; empty when the socket is of
  /// `level user`, `unknown` where this version has no word for it (`random`).
  public var algorithm: String
  /// What it talks.
  public var mode: Mode
  /// Its servers in HAProxy's order.
  public var servers: [RuntimeServer]

  /// Describes a backend.
  public init(name: String, algorithm: String, mode: Mode, servers: [RuntimeServer]) {
    self.name = name
    self.algorithm = algorithm
    self.mode = mode
    self.servers = servers
  }
}

extension RuntimeBackend {
  /// A row's `type` in `show stat`.
  private enum RowType {
    static let backend = "1"
    static let server = "2"
  }

  /// Joins what `show stat` and `show servers state` answer for a backend.
  ///
  /// A server that only one of them has came or went in between, and is left out; of one that is
  /// listed twice the first row counts.
  ///
  /// - Returns: `nil` when the statistics are not this backend's: a frontend has the same name, or
  ///   the backend is disabled.
  package init?(
    named name: String, statistics: Table, states: Table
  ) throws(MalformedReply) {
    let (proxyName, type) = (statistics.column("pxname"), statistics.column("type"))
    let rows = statistics.rows.filter { $0.has(name, in: proxyName) }
    guard let backend = rows.first(where: { $0.has(RowType.backend, in: type) }) else {
      return nil
    }
    var stateOfServer: [String: Table.Row] = [:]
    let (backendName, stateName) = (states.column("be_name"), states.column("srv_name"))
    for state in states.rows where state.has(name, in: backendName) {
      stateOfServer[try state.required(stateName)] = state
    }
    let serverName = statistics.column("svname")
    let columns = RuntimeServer.Columns(statistics: statistics, states: states)
    var servers: [RuntimeServer] = []
    for row in rows where row.has(RowType.server, in: type) {
      guard let state = stateOfServer.removeValue(forKey: try row.required(serverName)) else {
        continue
      }
      servers.append(try RuntimeServer(statistics: row, state: state, columns))
    }
    self.init(
      name: name,
      algorithm: backend["algo"] ?? "",
      mode: backend["mode"].flatMap(Mode.init) ?? .other,
      servers: servers)
  }
}
