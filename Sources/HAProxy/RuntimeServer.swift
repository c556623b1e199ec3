/// One server of a backend: its state, its weight and what was counted.
public struct RuntimeServer: Hashable, Sendable {
  /// Its name within the backend.
  public var name: String
  /// IP address; `nil` when its name is unresolved, or when it listens on a unix socket.
  public var address: String?
  /// Port; `nil` without one.
  public var port: Int?
  /// The weight that stands, 0…256: not lowered by `slowstart`, nor lagging in maintenance.
  public var currentWeight: Int
  /// The weight of the configuration, 0…256.
  public var initialWeight: Int
  /// How far it is up.
  public var operationalState: OperationalState
  /// What was said of it by command or configuration.
  public var adminState: AdminState
  /// Gets traffic only while no other server is up.
  public var isBackup: Bool
  /// HAProxy's word for all of this, for instance `UP 1/3`, `DRAIN (agent)` or `no check`.
  public var statusText: String
  /// An agent-check is configured, which may set weights itself.
  public var hasAgent: Bool
  /// The DNS SRV record that fills the server, and sets its weight at each answer unless told
  /// otherwise; `nil` when none does.
  public var srvRecord: String?
  /// How much of its weight counts during a `slowstart`, in percent; `nil` when none is on.
  public var throttlePercent: Int?
  /// What was counted.
  public var counters: ServerCounters

  /// Describes a server.
  public init(
    name: String, address: String?, port: Int?, currentWeight: Int, initialWeight: Int,
    operationalState: OperationalState = .running, adminState: AdminState = [],
    isBackup: Bool = false, statusText: String = "UP", hasAgent: Bool = false,
    srvRecord: String? = nil, throttlePercent: Int? = nil,
    counters: ServerCounters = ServerCounters()
  ) {
    self.name = name
    self.address = address
    self.port = port
    self.currentWeight = currentWeight
    self.initialWeight = initialWeight
    self.operationalState = operationalState
    self.adminState = adminState
    self.isBackup = isBackup
    self.statusText = statusText
    self.hasAgent = hasAgent
    self.srvRecord = srvRecord
    self.throttlePercent = throttlePercent
    self.counters = counters
  }
}

extension RuntimeServer {
  /// In `srv_agent_state`: an agent-check is configured, be it enabled or not.
  private static let agentConfigured = 2

  /// Joins a server's rows of `show stat` and `show servers state`.
  init(
    statistics: Table.Row, state: Table.Row, _ columns: Columns
  ) throws(MalformedReply) {
    let operational = try state.requiredNumber(columns.operationalState)
    guard let operationalState = OperationalState(rawValue: operational) else {
      throw MalformedReply("`srv_op_state` is \(operational)")
    }
    let agentState = try state.number(columns.agentState) ?? 0
    let port = state[columns.port].flatMap { Int($0) } ?? 0
    self.init(
      name: try state.required(columns.name),
      address: state[columns.address].flatMap { $0 == "-" ? nil : $0 },
      port: port > 0 ? port : nil,
      currentWeight: try state.requiredNumber(columns.currentWeight),
      initialWeight: try state.requiredNumber(columns.initialWeight),
      operationalState: operationalState,
      adminState: AdminState(rawValue: try state.requiredNumber(columns.adminState)),
      isBackup: try statistics.number(columns.isBackup) == 1,
      statusText: statistics[columns.statusText] ?? "",
      hasAgent: statistics[columns.agentStatus] != nil || agentState & Self.agentConfigured != 0,
      srvRecord: state[columns.srvRecord].flatMap { $0 == "-" ? nil : $0 },
      throttlePercent: try statistics.number(columns.throttlePercent),
      counters: try ServerCounters(statistics, columns.counters))
  }
}

extension RuntimeServer {
  /// Where `show stat` and `show servers state` have it.
  struct Columns {
    fileprivate let isBackup: Table.Column
    fileprivate let statusText: Table.Column
    fileprivate let agentStatus: Table.Column
    fileprivate let throttlePercent: Table.Column
    fileprivate let counters: ServerCounters.Columns
    fileprivate let name: Table.Column
    fileprivate let address: Table.Column
    fileprivate let port: Table.Column
    fileprivate let currentWeight: Table.Column
    fileprivate let initialWeight: Table.Column
    fileprivate let operationalState: Table.Column
    fileprivate let adminState: Table.Column
    fileprivate let agentState: Table.Column
    fileprivate let srvRecord: Table.Column

    init(statistics: Table, states: Table) {
      isBackup = statistics.column("bck")
      statusText = statistics.column("status")
      agentStatus = statistics.column("agent_status")
      throttlePercent = statistics.column("throttle")
      counters = ServerCounters.Columns(of: statistics)
      name = states.column("srv_name")
      address = states.column("srv_addr")
      port = states.column("srv_port")
      currentWeight = states.column("srv_uweight")
      initialWeight = states.column("srv_iweight")
      operationalState = states.column("srv_op_state")
      adminState = states.column("srv_admin_state")
      agentState = states.column("srv_agent_state")
      srvRecord = states.column("srvrecord")
    }
  }
}
