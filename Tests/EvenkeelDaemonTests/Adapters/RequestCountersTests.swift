import Balancing
import Control
import HAProxy
import Testing

@testable import EvenkeelDaemon

/// What is made of HAProxy's columns. The rows were read from HAProxy 2.2.9, 2.6.12, 3.0.11 and 3.2.26
/// after twelve requests to three servers, of which the one shown failed each of its own.
@Suite struct RequestCountersTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var failure: String
    var counters: ServerCounters
    var mode = RuntimeBackend.Mode.http
    /// Clients that were given this server's failure.
    var stayed: Double
    var failed: Double
    var tried: Double

    var testDescription: String { failure }
  }

  private static func counted(
    _ stot: Int, _ lbtot: Int, wretr: Int = 0, wredis: Int = 0, econ: Int = 0, eresp: Int = 0,
    hrsp5xx: Int = 0, scur: Int = 0
  ) -> ServerCounters {
    ServerCounters(
      totalSessions: stot, currentSessions: scur, retries: wretr, redispatches: wredis,
      connectionErrors: econ, responseErrors: eresp, responses5xx: hrsp5xx, totalBalanced: lbtot)
  }

  static let rows = [
    Row(
      failure: "refused, redispatched", counters: counted(5, 5, wredis: 5),
      stayed: 0, failed: 5, tried: 5),
    Row(
      failure: "no such unix socket, redispatched", counters: counted(0, 5, wredis: 5),
      stayed: 0, failed: 5, tried: 5),
    Row(
      failure: "closed at once, retry-on, redispatched",
      counters: counted(5, 5, wretr: 5, wredis: 5), stayed: 0, failed: 5, tried: 5),
    Row(
      failure: "junk, retry-on, redispatched",
      counters: counted(5, 5, wretr: 5, wredis: 5, eresp: 5), stayed: 0, failed: 5, tried: 5),
    Row(
      failure: "503, retry-on, redispatched, by 2.2 that leaves them in scur",
      counters: counted(5, 5, wretr: 5, wredis: 5, scur: 5), stayed: 0, failed: 5, tried: 5),
    Row(
      failure: "refused, tried four times", counters: counted(16, 4, wretr: 12, econ: 4),
      stayed: 4, failed: 16, tried: 16),
    Row(
      failure: "no such unix socket, tried four times",
      counters: counted(0, 4, wretr: 12, econ: 4), stayed: 4, failed: 4, tried: 4),
    Row(
      failure: "503, retry-on, tried four times",
      counters: counted(16, 4, wretr: 24, hrsp5xx: 4), stayed: 4, failed: 16, tried: 16),
    Row(
      failure: "junk, retry-on, tried four times, by 2.2 that leaves them in scur",
      counters: counted(16, 4, wretr: 24, eresp: 16, scur: 12), stayed: 4, failed: 16, tried: 16),
    Row(
      failure: "refused under leastconn of 2.2, redispatched at last",
      counters: counted(15, 5, wretr: 10, wredis: 5), stayed: 0, failed: 15, tried: 15),
    Row(
      failure: "junk under leastconn of 2.2, redispatched at last",
      counters: counted(15, 5, wretr: 25, wredis: 5, eresp: 15, scur: 15),
      stayed: 0, failed: 15, tried: 15),
    Row(
      failure: "500, nothing tried again", counters: counted(4, 4, hrsp5xx: 4),
      stayed: 4, failed: 4, tried: 4),
    Row(
      failure: "refused in TCP mode", counters: counted(16, 4, wretr: 12, econ: 4), mode: .tcp,
      stayed: 4, failed: 16, tried: 16),
    Row(
      failure: "no such unix socket in TCP mode, redispatched",
      counters: counted(0, 5, wredis: 5), mode: .tcp, stayed: 0, failed: 5, tried: 5),
  ]

  @Test(arguments: rows)
  func `an attempt that failed is blamed on its server and is nobody's demand`(row: Row) {
    let counters = RequestCounters(row.counters, mode: row.mode)
    #expect(counters.arrived == row.stayed)
    #expect(counters.failed == row.failed)
    #expect(counters.tried == row.tried)
    #expect(row.counters.disbeliefs.isEmpty)
  }

  @Test(arguments: rows)
  func `a failure that was tried elsewhere is not in flight any more`(row: Row) {
    // 2.2 does not take back those whose last attempt is the client's answer either.
    #expect(RequestCounters(row.counters, mode: row.mode).inFlight <= row.stayed)
  }

  @Test func `answers are timed in HTTP mode alone, and a queue that cannot be is not told`() {
    let counters = ServerCounters(queued: 3, responseMilliseconds: 12)
    #expect(counters.responseSeconds(.http) == 0.012)
    #expect(counters.responseSeconds(.tcp) == nil)
    #expect(ServerCounters().responseSeconds(.http) == nil)
    #expect(ServerCounters(responseMilliseconds: -1).responseSeconds(.http) == nil)
    #expect(counters.waiting == 3)
    #expect(ServerCounters(queued: -1).waiting == nil)
  }

  @Test func `what a cookie sends is counted though the algorithm did not choose the server`() {
    let counters = RequestCounters(
      ServerCounters(totalSessions: 100, responses2xx: 100, totalBalanced: 3), mode: .http)
    #expect(counters.arrived == 100)
  }

  @Test(arguments: [
    (4_294_967_295, Disbelief.Figure.currentSessions), (.max, .currentSessions),
    (-1, .currentSessions), (1 << 31, .currentSessions), (4_294_967_295, .queue), (.max, .queue),
    (-1, .queue),
  ])
  func `a gauge that cannot be is not in flight`(value: Int, figure: Disbelief.Figure) {
    var counters = ServerCounters(
      totalSessions: 100, currentSessions: 3, queued: 2, responses2xx: 90, totalBalanced: 100)
    if figure == .queue { counters.queued = value } else { counters.currentSessions = value }
    #expect(counters.disbeliefs == [Disbelief(figure, value: value)])
    #expect(RequestCounters(counters, mode: .http).inFlight == (figure == .queue ? 3 : 2))
  }

  @Test func `sessions far above the server's limit cannot be`() {
    let counters = ServerCounters(
      totalSessions: 9000, currentSessions: 5000, totalBalanced: 9000, sessionLimit: 100)
    #expect(
      counters.disbeliefs == [Disbelief(.currentSessions, value: 5000, limit: 100)])
    #expect(RequestCounters(counters, mode: .http).inFlight == 0)
  }

  @Test func `a limit of none, or one below zero, limits nothing`() {
    for limit in [nil, 0, 4_294_967_293] {
      let counters = ServerCounters(currentSessions: 5000, sessionLimit: limit)
      #expect(counters.disbeliefs.isEmpty)
    }
  }

  @Test(arguments: [-5, -1 - 0xFFFF_FFFF, 1 << 54, .max])
  func `a total that cannot be is named`(total: Int) {
    let counters = ServerCounters(totalSessions: 5, responses2xx: total, totalBalanced: 5)
    #expect(counters.disbeliefs == [Disbelief(.totals, value: total)])
  }

  /// A gauge that was decremented once too often: 2, 1, 0, −1, 0, 1 sessions are shown where there are
  /// 3, 2, 1, 0, 1, 2.
  @Test(arguments: [4_294_967_295, .max, -1])
  func `connections end one by one while the gauge passes below zero`(belowZero: Int) {
    let gauges = [2, 1, 0, belowZero, 0, 1]
    let done = gauges.enumerated().map { opened, gauge in
      RequestCounters(
        ServerCounters(
          totalSessions: 100 + opened, currentSessions: gauge, totalBalanced: 100 + opened),
        mode: .tcp
      ).done
    }
    #expect(zip(done, done.dropFirst()).map { $1 - $0 } == [2, 2, 2, 0, 0])
  }
}
