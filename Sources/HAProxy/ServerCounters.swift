/// What HAProxy has counted for a server.
///
/// Totals begin at 0 with each process, and again at `clear counters all`. Health checks are not in
/// them. A column that a version does not have counts as 0.
public struct ServerCounters: Hashable, Sendable {
  /// Requests (HTTP) or connections (TCP) handed to the server, each retry again (`stot`).
  public var totalSessions: Int
  /// Requests for which the balance algorithm chose the server (`lbtot`): those that a cookie or a
  /// stick table sent here are not in it, nor is another try at the same server.
  public var totalBalanced: Int
  /// At the server now (`scur`).
  public var currentSessions: Int
  /// The most that may be at the server at a time (`slim`); `nil` without a limit.
  public var sessionLimit: Int?
  /// Waiting for the server now (`qcur`).
  public var queued: Int
  /// Attempts to connect that were made again (`wretr`).
  public var retries: Int
  /// Requests that went to another server instead (`wredis`).
  public var redispatches: Int
  /// Attempts to connect that failed for good (`econ`).
  public var connectionErrors: Int
  /// Requests whose answer broke off or was invalid (`eresp`).
  public var responseErrors: Int
  /// Answers with a status of 100…199; this and the next ones stay 0 in TCP mode.
  public var responses1xx: Int
  /// Answers with a status of 200…299.
  public var responses2xx: Int
  /// Answers with a status of 300…399.
  public var responses3xx: Int
  /// Answers with a status of 400…499.
  public var responses4xx: Int
  /// Answers with a status of 500…599.
  public var responses5xx: Int
  /// Answers with any other status.
  public var responsesOther: Int
  /// HTTP requests that were answered (`req_tot`); `nil` in TCP mode and in old versions.
  public var requestsTotal: Int?
  /// Until an answer began, on average of the last 1024 requests, in milliseconds (`rtime`); 0 in TCP
  /// mode.
  public var responseMilliseconds: Int?

  /// Describes what was counted.
  public init(
    totalSessions: Int = 0, currentSessions: Int = 0, queued: Int = 0, retries: Int = 0,
    redispatches: Int = 0, connectionErrors: Int = 0, responseErrors: Int = 0,
    responses1xx: Int = 0, responses2xx: Int = 0, responses3xx: Int = 0, responses4xx: Int = 0,
    responses5xx: Int = 0, responsesOther: Int = 0, requestsTotal: Int? = nil,
    totalBalanced: Int = 0, sessionLimit: Int? = nil, responseMilliseconds: Int? = nil
  ) {
    self.totalSessions = totalSessions
    self.currentSessions = currentSessions
    self.queued = queued
    self.retries = retries
    self.redispatches = redispatches
    self.connectionErrors = connectionErrors
    self.responseErrors = responseErrors
    self.responses1xx = responses1xx
    self.responses2xx = responses2xx
    self.responses3xx = responses3xx
    self.responses4xx = responses4xx
    self.responses5xx = responses5xx
    self.responsesOther = responsesOther
    self.requestsTotal = requestsTotal
    self.totalBalanced = totalBalanced
    self.sessionLimit = sessionLimit
    self.responseMilliseconds = responseMilliseconds
  }
}

extension ServerCounters {
  /// Answers with any status; 0 in TCP mode.
  public var responses: Int {
    [responses1xx, responses2xx, responses3xx, responses4xx, responses5xx, responsesOther]
      .reduce(0) { sum, count in
        let (next, overflow) = sum.addingReportingOverflow(count)
        return overflow ? .max : next
      }
  }

  /// Reads a server's row of `show stat`.
  init(_ row: Table.Row, _ columns: Columns) throws(MalformedReply) {
    self.init(
      totalSessions: try row.number(columns.totalSessions) ?? 0,
      currentSessions: try row.number(columns.currentSessions) ?? 0,
      queued: try row.number(columns.queued) ?? 0,
      retries: try row.number(columns.retries) ?? 0,
      redispatches: try row.number(columns.redispatches) ?? 0,
      connectionErrors: try row.number(columns.connectionErrors) ?? 0,
      responseErrors: try row.number(columns.responseErrors) ?? 0,
      responses1xx: try row.number(columns.responses1xx) ?? 0,
      responses2xx: try row.number(columns.responses2xx) ?? 0,
      responses3xx: try row.number(columns.responses3xx) ?? 0,
      responses4xx: try row.number(columns.responses4xx) ?? 0,
      responses5xx: try row.number(columns.responses5xx) ?? 0,
      responsesOther: try row.number(columns.responsesOther) ?? 0,
      requestsTotal: try row.number(columns.requestsTotal),
      totalBalanced: try row.number(columns.totalBalanced) ?? 0,
      sessionLimit: try row.number(columns.sessionLimit),
      responseMilliseconds: try row.number(columns.responseMilliseconds))
  }
}

extension ServerCounters {
  /// Where `show stat` has them.
  struct Columns {
    fileprivate let totalSessions: Table.Column
    fileprivate let currentSessions: Table.Column
    fileprivate let queued: Table.Column
    fileprivate let retries: Table.Column
    fileprivate let redispatches: Table.Column
    fileprivate let connectionErrors: Table.Column
    fileprivate let responseErrors: Table.Column
    fileprivate let responses1xx: Table.Column
    fileprivate let responses2xx: Table.Column
    fileprivate let responses3xx: Table.Column
    fileprivate let responses4xx: Table.Column
    fileprivate let responses5xx: Table.Column
    fileprivate let responsesOther: Table.Column
    fileprivate let requestsTotal: Table.Column
    fileprivate let totalBalanced: Table.Column
    fileprivate let sessionLimit: Table.Column
    fileprivate let responseMilliseconds: Table.Column

    init(of statistics: Table) {
      totalSessions = statistics.column("stot")
      currentSessions = statistics.column("scur")
      queued = statistics.column("qcur")
      retries = statistics.column("wretr")
      redispatches = statistics.column("wredis")
      connectionErrors = statistics.column("econ")
      responseErrors = statistics.column("eresp")
      responses1xx = statistics.column("hrsp_1xx")
      responses2xx = statistics.column("hrsp_2xx")
      responses3xx = statistics.column("hrsp_3xx")
      responses4xx = statistics.column("hrsp_4xx")
      responses5xx = statistics.column("hrsp_5xx")
      responsesOther = statistics.column("hrsp_other")
      requestsTotal = statistics.column("req_tot")
      totalBalanced = statistics.column("lbtot")
      sessionLimit = statistics.column("slim")
      responseMilliseconds = statistics.column("rtime")
    }
  }
}
