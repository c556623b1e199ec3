/// What the table shows at one moment.
struct Frame: Equatable, Sendable {
  enum Phase: Equatable, Sendable {
    /// All weights are equal, for so long still.
    case equal(remaining: Duration)
    case steering
  }

  struct Row: Equatable, Sendable {
    var server: String
    /// CPU used over CPU allowed; `nil` before there are two readings.
    var utilisation: Double?
    /// As HAProxy has it.
    var weight: Int?
    /// Requests answered per second.
    var requestRate: Double?
  }

  var phase: Phase
  /// Since the load began.
  var elapsed: Duration
  var spread: Double?
  var latency: LatencySummary?
  var requestRate: Double?
  var rows: [Row]
  /// The figures under equal weights, once they are final.
  var before: DemoSummary.Measurement?
  /// What stands beside, now.
  var leastconn: DemoSummary.Measurement?
  /// The last thing that the daemon said.
  var remark: String?
}
