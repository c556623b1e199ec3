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
  init(statistics row: Table.Row) throws(MalformedReply) {
    self.init(
      totalSessions: try row.number("stot") ?? 0,
      currentSessions: try row.number("scur") ?? 0,
      queued: try row.number("qcur") ?? 0,
      retries: try row.number("wretr") ?? 0,
      redispatches: try row.number("wredis") ?? 0,
      connectionErrors: try row.number("econ") ?? 0,
      responseErrors: try row.number("eresp") ?? 0,
      responses1xx: try row.number("hrsp_1xx") ?? 0,
      responses2xx: try row.number("hrsp_2xx") ?? 0,
      responses3xx: try row.number("hrsp_3xx") ?? 0,
      responses4xx: try row.number("hrsp_4xx") ?? 0,
      responses5xx: try row.number("hrsp_5xx") ?? 0,
      responsesOther: try row.number("hrsp_other") ?? 0,
      requestsTotal: try row.number("req_tot"),
      totalBalanced: try row.number("lbtot") ?? 0,
      sessionLimit: try row.number("slim"),
      responseMilliseconds: try row.number("rtime"))
  }
}
